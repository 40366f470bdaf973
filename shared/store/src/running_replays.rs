//! The list of running replays and of the ranges that were replayed last. One item holds the whole list.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};
use serde::{Deserialize, Serialize};
use xzepr_domain::{Replay, ReplayFilter, ReplayId, ReplayTarget, TimeRange};

use crate::{
    condition::Condition,
    error::StoreError,
    keys::Key,
    table::{Table, from_item, to_item},
    transaction::NotWritten,
};

/// The most attempts of a change that conflicts with the changes of other requests.
pub(crate) const MAX_ROUNDS: usize = 10;

/// How many replays may run at once, dry runs included. Each runs in an invocation of its own, which publishes at a
/// rate of its own and uses a share of the account's concurrency.
pub(crate) const MAX_RUNNING: usize = 10;

/// How many replayed ranges of each target the list holds. A range that is no longer on the list counts as not replayed.
const MAX_DONE: usize = 100;

#[derive(Default, Serialize, Deserialize)]
pub(crate) struct RunningItem {
    pk: String,
    sk: String,
    pub(crate) running: Vec<ListedReplay>,
    /// Items of earlier releases do not have this attribute.
    #[serde(default)]
    done: Vec<ListedReplay>,
    version: u64,
}

/// A replay that runs or is done.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct ListedReplay {
    pub(crate) id: String,
    start: String,
    end: String,
    // Entries of earlier releases do not have these attributes.
    #[serde(default)]
    dry_run: bool,
    #[serde(default)]
    target: ReplayTarget,
}

/// The running replays, and the ranges that were replayed last.
#[derive(Debug, Default)]
pub struct Replays {
    /// The ids of the running replays, dry runs included.
    pub running: Vec<String>,
    /// The ranges whose events were all published or indexed again. The newest range is the last.
    pub done: Vec<ReplayedRange>,
}

/// A range that was replayed as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplayedRange {
    /// Where its events were brought.
    pub target: ReplayTarget,
    /// The range.
    pub range: TimeRange,
}

/// A change of the list.
pub(crate) enum Change<R> {
    /// None, for this reason.
    Refused(R),
    /// The list alone.
    List,
    /// The list, and the item of one replay.
    ListAnd(Box<TransactWriteItem>),
}

/// The result of a change of the list.
#[derive(Debug)]
pub(crate) enum Changed<R> {
    /// The change is written.
    Yes,
    /// Nothing is written, because the change is [`Change::Refused`] for this reason.
    Refused(R),
    /// Nothing is written, because the condition of the replay's item failed.
    ConditionFailed,
}

/// The parts of a change.
#[derive(Debug, Clone, Copy)]
enum Part {
    List,
    Replay,
}

impl From<&Replay> for ListedReplay {
    fn from(replay: &Replay) -> Self {
        let (start, end) = replay.range.to_texts();
        Self { id: replay.id.to_string(), start, end, dry_run: replay.dry_run, target: replay.target }
    }
}

impl ListedReplay {
    /// Whether it brings events to the target of another replay.
    pub(crate) fn competes_with(&self, replay: &Replay) -> bool {
        !self.dry_run && self.target == replay.target
    }

    /// Whether it brings events of the other replay's range to the same target. An entry that cannot be read blocks no
    /// other replay.
    pub(crate) fn overlaps(&self, replay: &Replay) -> bool {
        self.competes_with(replay) && self.range().is_some_and(|running| running.overlaps(replay.range))
    }

    fn replayed(&self) -> Option<ReplayedRange> {
        Some(ReplayedRange { target: self.target, range: self.range()? })
    }

    fn range(&self) -> Option<TimeRange> {
        TimeRange::parse(&self.start, &self.end).ok()
    }
}

impl RunningItem {
    /// Removes a replay from the running ones. Returns whether it was one of them.
    pub(crate) fn remove(&mut self, replay: ReplayId) -> bool {
        let (id, before) = (replay.to_string(), self.running.len());
        self.running.retain(|running| running.id != id);
        self.running.len() < before
    }

    /// Adds the range of a replay that is done, if the replay brought every event of it to its target. The ranges of one
    /// target push out none of the other, since they acknowledge different messages.
    pub(crate) fn add_done(&mut self, replay: &Replay) {
        if replay.dry_run || replay.filter != ReplayFilter::default() {
            return;
        }
        self.done.push(replay.into());
        let of_target = self.done.iter().filter(|done| done.target == replay.target).count();
        let mut too_many = of_target.saturating_sub(MAX_DONE);
        self.done.retain(|done| {
            let is_kept = done.target != replay.target || too_many == 0;
            too_many -= usize::from(!is_kept);
            is_kept
        });
    }
}

impl Table {
    /// Reads the list of running replays, and of the ranges that were replayed last.
    pub async fn replays(&self) -> Result<Replays, StoreError> {
        let Some(item) = self.get(Key::running_replays()).await? else { return Ok(Replays::default()) };
        let item: RunningItem = from_item(item)?;
        Ok(Replays {
            running: item.running.into_iter().map(|running| running.id).collect(),
            done: item.done.iter().filter_map(ListedReplay::replayed).collect(),
        })
    }

    /// Changes the list of running replays, and one replay's item with it. `change` is called again if another request
    /// has changed the list in the meantime.
    pub(crate) async fn change_running<R>(
        &self,
        mut change: impl FnMut(&mut RunningItem) -> Result<Change<R>, StoreError>,
    ) -> Result<Changed<R>, StoreError> {
        let key = Key::running_replays();
        for _ in 0..MAX_ROUNDS {
            let mut item: RunningItem = match self.get(key.clone()).await? {
                Some(item) => from_item(item)?,
                None => {
                    RunningItem { pk: key.partition.clone(), sk: key.sort.clone(), ..RunningItem::default() }
                }
            };
            let replay = match change(&mut item)? {
                Change::Refused(reason) => return Ok(Changed::Refused(reason)),
                Change::List => None,
                Change::ListAnd(replay) => Some((Part::Replay, *replay)),
            };
            let version = AttributeValue::N(item.version.to_string());
            item.version += 1;
            let is_as_read =
                Condition::is_new().or(Condition::new("version = :version").value(":version", version));
            let list = (Part::List, is_as_read.put(&self.name, to_item(item)?)?);
            // The replay's part is the first, so that its failed condition counts even if the list changed too.
            match self.transact(replay.into_iter().chain([list]).collect()).await {
                Ok(()) => return Ok(Changed::Yes),
                Err(NotWritten::Refused { part: Part::Replay, .. }) => return Ok(Changed::ConditionFailed),
                // Another request has changed the list since this one read it.
                Err(NotWritten::Refused { part: Part::List, .. }) => {}
                Err(error) => return Err(error.into()),
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
        let item = RunningItem { running: vec![ListedReplay::from(&replay)], ..RunningItem::default() };
        let mut item: Item = to_item(item).unwrap();
        item.remove("done").unwrap();
        let Some(AttributeValue::L(running)) = item.get_mut("running") else { panic!("{item:?}") };
        let AttributeValue::M(entry) = &mut running[0] else { panic!("{running:?}") };
        entry.remove("dry_run").unwrap();
        entry.remove("target").unwrap();
        let item: RunningItem = from_item(item).unwrap();
        assert!(item.running[0].overlaps(&replay) && item.done.is_empty());
    }

    #[test]
    fn only_a_range_that_was_published_completely_is_done() {
        let mut item = RunningItem::default();
        item.add_done(&replay(ReplayFilter::default(), true));
        item.add_done(&replay(ReplayFilter { topic: Some("t".to_owned()), ..Default::default() }, false));
        assert!(item.done.is_empty());
        let done = || replay(ReplayFilter::default(), false);
        item.add_done(&Replay { target: ReplayTarget::Index, ..done() });
        let first = done();
        item.add_done(&first);
        (0..MAX_DONE).for_each(|_| item.add_done(&done()));
        assert_eq!(item.done.len(), MAX_DONE + 1);
        assert_eq!(item.done[0].target, ReplayTarget::Index);
        assert!(item.done.iter().all(|done| done.id != first.id.to_string()));
    }
}
