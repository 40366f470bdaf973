//! The stream: a task follows each shard, children after their parents.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use aws_sdk_dynamodbstreams::{Client, error::DisplayErrorContext, types::Shard as Description};
use tokio::{sync::watch, task::JoinSet};

use super::{
    FunctionClient, Mapping,
    delivery::Delivery,
    position::{Positions, ShardPosition},
    reader::ShardReader,
    shard::Shard,
};
use crate::{
    error::{Context, Result},
    on_failure_queue::OnFailureQueue,
};

/// The time between two searches for new shards.
const DESCRIBE_EVERY: Duration = Duration::from_secs(5);

/// The stream of a mapping, and the places of the mapping's state.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// The name of the function that gets the records.
    pub(crate) function_name: String,
    /// The client of the DynamoDB Streams API.
    pub(crate) client: Client,
    /// The stream.
    pub(crate) stream_arn: String,
    /// The file that keeps the positions over restarts. `None` keeps them in memory.
    pub(crate) positions: Option<PathBuf>,
    /// The queue for records that are given up.
    pub(crate) on_failure: Arc<OnFailureQueue>,
    /// Changes whenever a function may have written. Then the stream is read at once.
    pub(crate) activity: watch::Receiver<()>,
}

/// Delivers the stream until it is aborted. While the stream or the function is unavailable, it retries.
pub(crate) async fn run(source: Source, mapping: Mapping, function: FunctionClient) -> Result<()> {
    let positions = Arc::new(Mutex::new(Positions::load(source.positions.clone())?));
    let mut progress = Followed::default();
    let mut shards = JoinSet::new();
    loop {
        match describe(&source).await {
            Ok(described) => {
                for id in progress.start(&described) {
                    let shard = shard(&source, &mapping, &function, &positions, &id);
                    shards.spawn(async move { shard.follow().await.map(|()| id) });
                }
            }
            Err(error) => eprintln!("event source mapping: {error}"),
        }
        tokio::select! {
            Some(Ok(shard)) = shards.join_next(), if !shards.is_empty() => { progress.ended.insert(shard?); }
            () = tokio::time::sleep(DESCRIBE_EVERY) => {}
        }
    }
}

fn shard(
    source: &Source,
    mapping: &Mapping,
    function: &FunctionClient,
    positions: &Arc<Mutex<Positions>>,
    id: &str,
) -> Shard<ShardReader, FunctionClient, ShardPosition, Arc<OnFailureQueue>> {
    let position = ShardPosition { positions: Arc::clone(positions), shard: id.to_owned() };
    let reader = ShardReader::new(
        source.client.clone(),
        source.stream_arn.clone(),
        id.to_owned(),
        source.activity.clone(),
        position.get(),
    );
    let delivery = Delivery {
        mapping: mapping.clone(),
        function: function.clone(),
        function_name: source.function_name.clone(),
        position,
        on_failure: Arc::clone(&source.on_failure),
        shard: id.to_owned(),
        stream_arn: source.stream_arn.clone(),
        now: SystemTime::now,
    };
    Shard::new(reader, delivery)
}

/// The shards that are or were followed.
#[derive(Default)]
struct Followed {
    started: HashSet<String>,
    ended: HashSet<String>,
}

impl Followed {
    /// The shards to start now: new ones whose parent has ended or is gone. So the records of one item stay in order.
    fn start(&mut self, described: &[Description]) -> Vec<String> {
        let known: HashSet<_> = described.iter().filter_map(|shard| shard.shard_id.as_deref()).collect();
        let waits = |shard: &&Description| {
            let parent = shard.parent_shard_id.as_deref();
            parent.is_some_and(|parent| known.contains(parent) && !self.ended.contains(parent))
        };
        let ready = described.iter().filter(|shard| !waits(shard));
        let ids: Vec<_> = ready.filter_map(|shard| shard.shard_id.clone()).collect();
        ids.into_iter().filter(|id| self.started.insert(id.clone())).collect()
    }
}

async fn describe(source: &Source) -> Result<Vec<Description>> {
    let mut shards = Vec::new();
    let mut after = None;
    loop {
        let output = source
            .client
            .describe_stream()
            .stream_arn(&source.stream_arn)
            .set_exclusive_start_shard_id(after)
            .send()
            .await
            .map_err(DisplayErrorContext)
            .context("describing the stream")?;
        let Some(description) = output.stream_description else { return Ok(shards) };
        shards.extend(description.shards.unwrap_or_default());
        after = description.last_evaluated_shard_id;
        if after.is_none() {
            return Ok(shards);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(shards: &[(&str, Option<&str>)]) -> Vec<Description> {
        let shards = shards.iter().map(|(id, parent)| {
            Description::builder().shard_id(*id).set_parent_shard_id(parent.map(Into::into)).build()
        });
        shards.collect()
    }

    #[test]
    fn a_shard_starts_once_and_after_its_parent() {
        let shards = described(&[("a", None), ("b", Some("a")), ("c", Some("b"))]);
        let mut followed = Followed::default();
        assert_eq!(followed.start(&shards), ["a"]);
        assert!(followed.start(&shards).is_empty());
        followed.ended.insert("a".to_owned());
        assert_eq!(followed.start(&shards), ["b"]);
        followed.ended.insert("b".to_owned());
        assert_eq!(followed.start(&shards), ["c"]);
    }

    #[test]
    fn a_shard_whose_parent_is_gone_starts_at_once() {
        let shards = described(&[("b", Some("a")), ("d", Some("c"))]);
        assert_eq!(Followed::default().start(&shards), ["b", "d"]);
    }
}
