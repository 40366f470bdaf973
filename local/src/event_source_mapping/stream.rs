//! The stream: its shards, each followed by a task of its own, children after their parents.

use std::{
    collections::HashSet,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_sdk_dynamodbstreams::{Client, error::DisplayErrorContext, types::Shard};
use tokio::{sync::watch, task::JoinSet};

use super::{FunctionClient, Mapping, position::Positions, shard::ShardReader};
use crate::{
    error::{Context, Result},
    on_failure_queue::OnFailureQueue,
};

/// How often the stream is asked for new shards.
const DESCRIBE_EVERY: Duration = Duration::from_secs(5);

/// What a mapping reads, and where it keeps its state.
#[derive(Debug, Clone)]
pub struct Source {
    /// The client of the DynamoDB Streams API.
    pub client: Client,
    /// The stream.
    pub stream_arn: String,
    /// Keeps the positions over restarts; `None` keeps them in memory.
    pub positions: Option<PathBuf>,
    /// Takes what is given up.
    pub on_failure: Arc<OnFailureQueue>,
    /// Told when a function may have written: the stream is read at once.
    pub activity: watch::Receiver<()>,
}

/// Delivers the stream until it is aborted; a stream or a function that is away is waited for.
pub async fn run(source: Source, mapping: Mapping, function: impl Fn() -> FunctionClient) -> Result<()> {
    let positions = Arc::new(Mutex::new(Positions::load(source.positions.clone())?));
    let mut started = HashSet::new();
    let mut ended = HashSet::new();
    let mut shards = JoinSet::new();
    loop {
        match describe(&source).await {
            Ok(described) => {
                let known: HashSet<_> = described.iter().filter_map(|shard| shard.shard_id.clone()).collect();
                for shard in &described {
                    let Some(id) = shard.shard_id.clone() else { continue };
                    let waits = shard
                        .parent_shard_id
                        .as_ref()
                        .is_some_and(|parent| known.contains(parent) && !ended.contains(parent));
                    if !waits && started.insert(id.clone()) {
                        let reader = ShardReader::new(
                            source.clone(),
                            mapping.clone(),
                            function(),
                            Arc::clone(&positions),
                            id,
                        );
                        shards.spawn(reader.run());
                    }
                }
            }
            Err(error) => eprintln!("event source mapping: {error}"),
        }
        tokio::select! {
            Some(Ok(shard)) = shards.join_next(), if !shards.is_empty() => { ended.insert(shard?); }
            () = tokio::time::sleep(DESCRIBE_EVERY) => {}
        }
    }
}

async fn describe(source: &Source) -> Result<Vec<Shard>> {
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
