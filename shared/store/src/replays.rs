//! Replays: each an item, whose change on the stream starts its next slice, and one item that says which
//! of them run.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, builders::PutBuilder};
use serde::{Deserialize, Serialize};
use xzepr_domain::{Replay, ReplayCounts, ReplayFilter, ReplayId, ReplayState, TimeRange};

use crate::{
    error::StoreError,
    keys::Key,
    table::{Item, Table, from_item, to_item},
    transaction::{IS_NEW, TransactError, is_condition_failed},
};

/// How often the list of running replays is read again because another request changed it meanwhile.
const MAX_ROUNDS: usize = 10;

/// A slice is one invocation's: whoever finds another number, or a replay that has ended, stops.
const IS_THIS_SLICE: &str = "#state = :running AND slice = :slice";

/// How a request for a replay ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// It is stored, and goes on by itself.
    Started,
    /// The replay with this id is running and stands in its way: nothing is stored.
    IsRunning(String),
}

/// How a request to cancel a replay ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancel {
    /// It is cancelled: what is on its way to Kafka arrives, nothing else does.
    Cancelled,
    /// It had ended before.
    HasEnded,
    /// There is no such replay.
    Unknown,
}

#[derive(Serialize, Deserialize)]
struct ReplayItem {
    pk: String,
    sk: String,
    start: String,
    end: String,
    r#type: Option<String>,
    receiver: Option<String>,
    topic: Option<String>,
    dry_run: bool,
    state: ReplayState,
    slice: u64,
    position: Option<String>,
    counts: ReplayCounts,
    last_error: Option<String>,
}

#[derive(Default, Serialize, Deserialize)]
struct RunningItem {
    pk: String,
    sk: String,
    running: Vec<Running>,
    version: u64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Running {
    id: String,
    start: String,
    end: String,
}

impl Table {
    /// Stores a replay, unless one of an overlapping range is running. A dry run publishes nothing, and so
    /// is in nobody's way.
    pub async fn start_replay(&self, replay: &Replay) -> Result<Start, StoreError> {
        self.start(replay, |running| running.overlaps(replay.range)).await
    }

    /// Stores a replay, unless any is running.
    pub async fn start_replay_alone(&self, replay: &Replay) -> Result<Start, StoreError> {
        self.start(replay, |_| true).await
    }

    async fn start(
        &self,
        replay: &Replay,
        is_in_the_way: impl Fn(&Running) -> bool,
    ) -> Result<Start, StoreError> {
        let put = || Ok::<_, StoreError>(put(to_item(ReplayItem::from(replay))?, IS_NEW, []));
        if replay.dry_run {
            let written = self.transact(vec![self.item(put()?)?]).await;
            return written.map(|()| Start::Started).map_err(StoreError::from);
        }
        let mut in_the_way = None;
        let changed = self
            .change_running(|running| {
                in_the_way = running.iter().find(|running| is_in_the_way(running)).cloned();
                if in_the_way.is_some() {
                    return Ok(None);
                }
                let (start, end) = replay.range.to_texts();
                running.push(Running { id: replay.id.to_string(), start, end });
                Ok(Some(put()?))
            })
            .await?;
        match in_the_way {
            Some(running) if !changed => Ok(Start::IsRunning(running.id)),
            _ => Ok(Start::Started),
        }
    }

    /// A replay, as far as it is.
    pub async fn replay(&self, id: ReplayId) -> Result<Option<Replay>, StoreError> {
        match self.get(Key::replay(id)).await? {
            Some(item) => from_item::<ReplayItem>(item)?.replay(id).map(Some),
            None => Ok(None),
        }
    }

    /// Keeps how far a replay is. `false` when it is not this slice's any more.
    pub async fn checkpoint(&self, replay: &Replay) -> Result<bool, StoreError> {
        self.put_slice(replay, replay.slice).await
    }

    /// Keeps how far a replay is and lets the stream start its next slice. `false` as above.
    pub async fn start_next_slice(&self, replay: &Replay) -> Result<bool, StoreError> {
        let next = Replay { slice: replay.slice + 1, ..replay.clone() };
        self.put_slice(&next, replay.slice).await
    }

    /// Ends a replay. `false` as above.
    pub async fn end_replay(&self, replay: &Replay, state: ReplayState) -> Result<bool, StoreError> {
        let ended = Replay { state, ..replay.clone() };
        let put = || {
            let item = to_item(ReplayItem::from(&ended))?;
            Ok::<_, StoreError>(put(item, IS_THIS_SLICE, this_slice(replay.slice)))
        };
        if replay.dry_run {
            return not_failed(self.transact(vec![self.item(put()?)?]).await);
        }
        self.change_running(|running| {
            running.retain(|running| running.id != replay.id.to_string());
            Ok(Some(put()?))
        })
        .await
    }

    /// Cancels a replay, whatever slice is at work.
    pub async fn cancel_replay(&self, id: ReplayId) -> Result<Cancel, StoreError> {
        for _ in 0..MAX_ROUNDS {
            let Some(replay) = self.replay(id).await? else { return Ok(Cancel::Unknown) };
            if replay.state != ReplayState::Running {
                return Ok(Cancel::HasEnded);
            }
            if self.end_replay(&replay, ReplayState::Cancelled).await? {
                return Ok(Cancel::Cancelled);
            }
        }
        Err(StoreError::Unavailable(format!("replay {id} changes too often to be cancelled")))
    }

    async fn put_slice(&self, replay: &Replay, slice: u64) -> Result<bool, StoreError> {
        let put = put(to_item(ReplayItem::from(replay))?, IS_THIS_SLICE, this_slice(slice));
        not_failed(self.transact(vec![self.item(put)?]).await)
    }

    /// Changes the list of running replays, and one replay's item with it, unless `change` gives none.
    /// `false` when nothing is changed, because of that or of the item's condition.
    async fn change_running(
        &self,
        mut change: impl FnMut(&mut Vec<Running>) -> Result<Option<PutBuilder>, StoreError>,
    ) -> Result<bool, StoreError> {
        let key = Key::running_replays();
        for _ in 0..MAX_ROUNDS {
            let mut item: RunningItem = match self.get(key.clone()).await? {
                Some(item) => from_item(item)?,
                None => {
                    RunningItem { pk: key.partition.clone(), sk: key.sort.clone(), ..RunningItem::default() }
                }
            };
            let Some(replay) = change(&mut item.running)? else { return Ok(false) };
            let version = AttributeValue::N(item.version.to_string());
            item.version += 1;
            let is_as_read = format!("{IS_NEW} OR version = :version");
            let list = put(to_item(item)?, &is_as_read, [(":version", version)]);
            let written = self.transact(vec![self.item(replay)?, self.item(list)?]).await;
            match written {
                Ok(()) => return Ok(true),
                Err(error) if is_condition_failed(&error, 0) => return Ok(false),
                Err(error) if is_condition_failed(&error, 1) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(StoreError::Unavailable("the list of running replays changes too often".to_owned()))
    }

    fn item(&self, put: PutBuilder) -> Result<TransactWriteItem, StoreError> {
        let put = put.table_name(&self.name).build();
        let put = put.map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

fn put<const N: usize>(item: Item, condition: &str, values: [(&str, AttributeValue); N]) -> PutBuilder {
    let mut put = Put::builder().set_item(Some(item)).condition_expression(condition);
    if condition.contains("#state") {
        put = put.expression_attribute_names("#state", "state");
    }
    for (name, value) in values {
        put = put.expression_attribute_values(name, value);
    }
    put
}

fn this_slice(slice: u64) -> [(&'static str, AttributeValue); 2] {
    [(":running", AttributeValue::S("running".to_owned())), (":slice", AttributeValue::N(slice.to_string()))]
}

/// Whether a single put met its condition.
fn not_failed(written: Result<(), TransactError>) -> Result<bool, StoreError> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if is_condition_failed(&error, 0) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

impl Running {
    /// Whether it replays a part of the range. An entry that cannot be read is in nobody's way.
    fn overlaps(&self, range: TimeRange) -> bool {
        TimeRange::parse(&self.start, &self.end).is_ok_and(|running| running.overlaps(range))
    }
}

impl From<&Replay> for ReplayItem {
    fn from(replay: &Replay) -> Self {
        let key = Key::replay(replay.id);
        let (start, end) = replay.range.to_texts();
        Self {
            pk: key.partition,
            sk: key.sort,
            start,
            end,
            r#type: replay.filter.r#type.clone(),
            receiver: replay.filter.receiver.map(|receiver| receiver.to_string()),
            topic: replay.filter.topic.clone(),
            dry_run: replay.dry_run,
            state: replay.state,
            slice: replay.slice,
            position: replay.position.map(|position| position.to_string()),
            counts: replay.counts,
            last_error: replay.last_error.clone(),
        }
    }
}

impl ReplayItem {
    fn replay(self, id: ReplayId) -> Result<Replay, StoreError> {
        let wrong = |what: &str| StoreError::Failed(format!("the item of replay {id} has a wrong {what}"));
        Ok(Replay {
            id,
            range: TimeRange::parse(&self.start, &self.end).map_err(|error| wrong(error.bound()))?,
            filter: ReplayFilter {
                r#type: self.r#type,
                receiver: self.receiver.map(|id| id.parse()).transpose().map_err(|_| wrong("receiver"))?,
                topic: self.topic,
            },
            dry_run: self.dry_run,
            state: self.state,
            slice: self.slice,
            position: self.position.map(|id| id.parse()).transpose().map_err(|_| wrong("position"))?,
            counts: self.counts,
            last_error: self.last_error,
        })
    }
}
