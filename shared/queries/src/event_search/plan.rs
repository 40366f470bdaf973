//! The plan of a search: which partitions have its events, and in which stages they are read.

use std::collections::{BTreeSet, VecDeque};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use xzepr_domain::{EventId, IdRange, Order, ReceiverId, ShortText};
use xzepr_store::{DaysPage, LAST_CHARACTERS};

use crate::event_search::{EventFilter, merge::Merge};

/// The days that are read even if the index table does not know them. The stream keeps its records for a day, so the
/// index is behind by no more.
const UNKNOWN_DAYS: TimeDelta = TimeDelta::days(2);

/// An id can be ahead of this function's clock by the difference of two clocks. Then its day can be tomorrow.
const CLOCK_SKEW: TimeDelta = TimeDelta::hours(1);

/// The most events that one query reads. DynamoDB ends a query at 1 MB, which is about a thousand search items.
const MOST: usize = 1001;

/// The most events that one query of a day's partition reads. Each item has its payload, which is read and not sent.
const MOST_OF_DAY: usize = 256;

/// A partition whose items are events in the order of their ids.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Partition {
    /// The events with a name, in the index table.
    Name(ShortText),
    /// The events of a receiver, in the index table.
    Receiver(ReceiverId),
    /// The events of a day whose ids end in a character, in the main table.
    Day(NaiveDate, char),
}

/// The key that finds the events of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    /// One partition of the index table.
    Index(Partition),
    /// The main table, day by day.
    Days,
}

impl Plan {
    /// A name has fewer events than a receiver in most registries, since the receivers of a step are shared.
    pub(crate) fn of(filter: &EventFilter) -> Self {
        match (&filter.name, filter.event_receiver_id) {
            (Some(name), _) => Self::Index(Partition::Name(name.clone())),
            (None, Some(receiver)) => Self::Index(Partition::Receiver(receiver)),
            (None, None) => Self::Days,
        }
    }
}

/// How many events the next read of a partition reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReadSize {
    pub(crate) now: usize,
    pub(crate) most: usize,
}

impl ReadSize {
    /// For a page of `limit` events. If events have to match more than the plan, many may have to be read for one.
    pub(crate) fn new(plan: &Plan, filter: &EventFilter, limit: usize) -> Self {
        match plan {
            // One more than the page has, to know whether another page follows.
            Plan::Index(_) if filter.conditions() == 1 => Self { now: limit + 1, most: MOST },
            Plan::Index(_) => Self { now: (limit + 1).max(256), most: MOST },
            Plan::Days if filter.conditions() == 0 => {
                Self { now: 4 + 2 * limit / LAST_CHARACTERS.len(), most: MOST_OF_DAY }
            }
            Plan::Days => Self { now: 64, most: MOST_OF_DAY },
        }
    }

    pub(crate) fn next(self) -> Self {
        Self { now: (2 * self.now).min(self.most.max(self.now)), ..self }
    }
}

/// The days to read, in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Days {
    days: VecDeque<NaiveDate>,
    is_complete: bool,
}

impl Days {
    /// The days that the index table knows, and the newest days, as far as they can have these ids.
    pub(crate) fn new(known: DaysPage, now: DateTime<Utc>, ids: IdRange, order: Order) -> Self {
        let newest = (now - UNKNOWN_DAYS).date_naive().iter_days();
        let newest = newest.take_while(|day| *day <= (now + CLOCK_SKEW).date_naive());
        let last_known = known.days.last().copied().filter(|_| known.has_more);
        let is_known_to_be_next =
            |day: &NaiveDate| last_known.is_none_or(|last| order.compare(day, &last).is_le());
        let days: BTreeSet<_> = newest
            .filter(is_known_to_be_next)
            .chain(known.days)
            .filter(|day| IdRange::of_day(*day).is_some_and(|of_day| of_day.intersect(ids).is_some()))
            .collect();
        let mut days: Vec<_> = days.into_iter().collect();
        days.sort_by(|one, other| order.compare(one, other));
        Self { days: days.into(), is_complete: !known.has_more }
    }
}

/// The partitions to read, stage by stage. All ids of a stage come before those of the next one.
pub(crate) struct Stages {
    ids: IdRange,
    order: Order,
    size: ReadSize,
    kind: Kind,
}

enum Kind {
    Partition(Option<Partition>),
    Days { days: Days, last: Option<NaiveDate> },
}

impl Stages {
    /// One partition.
    pub(crate) fn of_partition(partition: Partition, ids: IdRange, order: Order, size: ReadSize) -> Self {
        Self { ids, order, size, kind: Kind::Partition(Some(partition)) }
    }

    /// A stage for each day.
    pub(crate) fn of_days(days: Days, ids: IdRange, order: Order, size: ReadSize) -> Self {
        Self { ids, order, size, kind: Kind::Days { days, last: None } }
    }

    /// The next stage.
    pub(crate) fn next(&mut self) -> Option<Merge> {
        let (partitions, ids) = match &mut self.kind {
            Kind::Partition(partition) => (vec![partition.take()?], self.ids),
            Kind::Days { days, last } => {
                let day = days.days.pop_front()?;
                *last = Some(day);
                let partitions = LAST_CHARACTERS.chars().map(|character| Partition::Day(day, character));
                (partitions.collect(), IdRange::of_day(day)?.intersect(self.ids)?)
            }
        };
        Some(Merge::new(partitions, ids, self.order, self.size))
    }

    /// The first id that an event of the stages that follow can have. `None` if none follow.
    pub(crate) fn rest(&self) -> Option<EventId> {
        match &self.kind {
            Kind::Partition(partition) => partition.as_ref().map(|_| self.ids.first(self.order)),
            Kind::Days { days, last } => {
                if let Some(day) = days.days.front() {
                    return Some(IdRange::of_day(*day)?.intersect(self.ids)?.first(self.order));
                }
                let last = (*last).filter(|_| !days.is_complete)?;
                let rest = self.ids.after(IdRange::of_day(last)?.last(self.order), self.order)?;
                Some(rest.first(self.order))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(known: &[&str], has_more: bool, ids: IdRange, order: Order) -> Vec<String> {
        let known = DaysPage { days: known.iter().map(|day| day.parse().unwrap()).collect(), has_more };
        let now = "2024-03-10T23:30:00Z".parse().unwrap();
        Days::new(known, now, ids, order).days.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_newest_days_are_read_even_if_the_index_does_not_know_them() {
        let (all, newest) = (IdRange::all(), Order::NewestFirst);
        let unknown = ["2024-03-11", "2024-03-10", "2024-03-09", "2024-03-08"];
        assert_eq!(days(&[], false, all, newest), unknown);
        assert_eq!(
            days(&["2024-03-10", "2023-01-01"], false, all, newest)[3..],
            ["2024-03-08", "2023-01-01"]
        );
        assert_eq!(days(&["2023-01-01"], false, all, Order::OldestFirst)[..2], ["2023-01-01", "2024-03-08"]);
        let until = IdRange::between(None, Some("2024-03-09T00:00:00Z".parse().unwrap())).unwrap();
        assert_eq!(days(&["2023-01-01"], false, until, newest), ["2024-03-08", "2023-01-01"]);
    }

    #[test]
    fn a_day_that_follows_days_that_are_not_known_yet_is_read_later() {
        let oldest = days(&["2023-01-01", "2023-01-02"], true, IdRange::all(), Order::OldestFirst);
        assert_eq!(oldest, ["2023-01-01", "2023-01-02"]);
        let newest = days(&["2024-03-10", "2024-03-09"], true, IdRange::all(), Order::NewestFirst);
        assert_eq!(newest, ["2024-03-11", "2024-03-10", "2024-03-09"]);
    }
}
