//! The list of running replays and of the ranges that were replayed last. The list is one item.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use serde::{Deserialize, Serialize};
use xzepr_domain::{Replay, ReplayFilter, ReplayId, TimeRange};

use crate::{
    condition::Condition,
    error::StoreError,
    keys::Key,
    table::{Table, from_item, to_item},
    transaction::NotWritten,
};

/// How often a change is tried that meets the changes of other requests.
pub(crate) const MAX_ROUNDS: usize = 10;

/// How many replays may run at once, dry runs included. Each is an invocation: it publishes at a rate of its own, and
/// uses a share of the account's concurrency.
pub(crate) const MAX_RUNNING: usize = 10;

/// How many replayed ranges the list holds. A range that is no longer on it is replayed again.
const MAX_DONE: usize = 100;

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct RunningItem {
    pk: String,
    sk: String,
    pub(crate) running: Vec<Running>,
    /// Items of earlier releases do not have it.
    #[serde(default)]
    done: Vec<Running>,
    version: u64,
}

/// A replay that runs or is done.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Running {
    pub(crate) id: String,
    start: String,
    end: String,
    /// Entries of earlier releases do not have it.
    #[serde(default)]
    dry_run: bool,
}

/// The running replays, and the ranges that were replayed last.
#[derive(Debug, Default)]
pub struct Replays {
    /// The ids of the running replays, dry runs included.
    pub running: Vec<String>,
    /// The ranges of which every event was published again. The newest is the last.
    pub done: Vec<TimeRange>,
}

/// A change of the list.
pub(crate) enum Change {
    Nothing,
    List,
    /// The list, and the item of one replay.
    ListAnd(Box<TransactWriteItem>),
}

/// The parts of a change.
#[derive(Debug, Clone, Copy)]
enum Part {
    List,
    Replay,
}

impl From<&Replay> for Running {
    fn from(replay: &Replay) -> Self {
        let (start, end) = replay.range.to_texts();
        Self { id: replay.id.to_string(), start, end, dry_run: replay.dry_run }
    }
}

impl Running {
    /// Whether it publishes.
    pub(crate) fn publishes(&self) -> bool {
        !self.dry_run
    }

    /// Whether it publishes a part of the range. An entry that cannot be read blocks no other replay.
    pub(crate) fn overlaps(&self, range: TimeRange) -> bool {
        self.publishes() && self.range().is_some_and(|running| running.overlaps(range))
    }

    fn range(&self) -> Option<TimeRange> {
        TimeRange::parse(&self.start, &self.end).ok()
    }
}

impl RunningItem {
    /// Removes a replay from the list.
    pub(crate) fn remove(&mut self, replay: ReplayId) {
        let id = replay.to_string();
        self.running.retain(|running| running.id != id);
    }

    /// Adds the range of a replay that is done, if the replay published every event of it.
    pub(crate) fn add_done(&mut self, replay: &Replay) {
        if replay.dry_run || replay.filter != ReplayFilter::default() {
            return;
        }
        self.done.push(replay.into());
        let too_many = self.done.len().saturating_sub(MAX_DONE);
        self.done.drain(..too_many);
    }
}

impl Table {
    /// The running replays, and the ranges that were replayed last.
    pub async fn replays(&self) -> Result<Replays, StoreError> {
        let Some(item) = self.get(Key::running_replays()).await? else { return Ok(Replays::default()) };
        let item: RunningItem = from_item(item)?;
        Ok(Replays {
            running: item.running.into_iter().map(|running| running.id).collect(),
            done: item.done.iter().filter_map(Running::range).collect(),
        })
    }

    /// Removes a replay from the list whose item is missing or cannot be read. `false` if it is not on the list.
    pub(crate) async fn forget_running(&self, replay: ReplayId) -> Result<bool, StoreError> {
        self.change_running(|list| {
            let before = list.running.len();
            list.remove(replay);
            Ok(if list.running.len() < before { Change::List } else { Change::Nothing })
        })
        .await
    }

    /// Changes the list of running replays, and one replay's item with it. `false` if nothing is changed, because
    /// `change` decides so or because the condition of the replay's item fails.
    pub(crate) async fn change_running(
        &self,
        mut change: impl FnMut(&mut RunningItem) -> Result<Change, StoreError>,
    ) -> Result<bool, StoreError> {
        let key = Key::running_replays();
        for _ in 0..MAX_ROUNDS {
            let mut item: RunningItem = match self.get(key.clone()).await? {
                Some(item) => from_item(item)?,
                None => {
                    RunningItem { pk: key.partition.clone(), sk: key.sort.clone(), ..RunningItem::default() }
                }
            };
            let replay = match change(&mut item)? {
                Change::Nothing => return Ok(false),
                Change::List => None,
                Change::ListAnd(replay) => Some((Part::Replay, *replay)),
            };
            let version = AttributeValue::N(item.version.to_string());
            item.version += 1;
            let is_as_read =
                Condition::is_new().or(Condition::new("version = :version").value(":version", version));
            let list = (Part::List, is_as_read.put(&self.name, to_item(item)?)?);
            match self.transact(replay.into_iter().chain([list]).collect()).await {
                Ok(()) => return Ok(true),
                Err(NotWritten::Refused { part: Part::Replay, .. }) => return Ok(false),
                // Another request changed the list after this one had read it.
                Err(NotWritten::Refused { part: Part::List, .. }) => {}
                Err(NotWritten::Failed(error)) => return Err(error),
            }
        }
        Err(StoreError::Unavailable("the list of running replays changes too often".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::Item;

    fn replay(filter: ReplayFilter, dry_run: bool) -> Replay {
        let range = TimeRange::parse("2024-01-15T10:30:00Z", "2024-01-15T10:31:00Z").unwrap();
        Replay::new(range, filter, dry_run)
    }

    #[test]
    fn a_list_of_the_previous_release_is_read() {
        let replay = replay(ReplayFilter::default(), false);
        let item = RunningItem { running: vec![Running::from(&replay)], ..RunningItem::default() };
        let mut item: Item = to_item(item).unwrap();
        item.remove("done").unwrap();
        let Some(AttributeValue::L(running)) = item.get_mut("running") else { panic!("{item:?}") };
        let AttributeValue::M(entry) = &mut running[0] else { panic!("{running:?}") };
        entry.remove("dry_run").unwrap();
        let item: RunningItem = from_item(item).unwrap();
        assert!(item.running[0].overlaps(replay.range) && item.done.is_empty());
    }

    #[test]
    fn only_a_range_that_was_published_whole_is_done() {
        let mut item = RunningItem::default();
        item.add_done(&replay(ReplayFilter::default(), true));
        item.add_done(&replay(ReplayFilter { topic: Some("t".to_owned()), ..Default::default() }, false));
        assert!(item.done.is_empty());
        (0..MAX_DONE + 5).for_each(|_| item.add_done(&replay(ReplayFilter::default(), false)));
        assert_eq!(item.done.len(), MAX_DONE);
    }
}
