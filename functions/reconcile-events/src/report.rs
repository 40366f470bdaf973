//! The result of a comparison of the table with the topics.

use serde::Serialize;
use xzepr_telemetry::metrics::{
    Metric,
    definitions::{FOREIGN_ITEMS, MISSING_EVENTS, RECONCILED_EVENTS, UNKNOWN_MESSAGES},
};

use crate::lists::Ids;

/// The response. The counts of records are sums over the topics. They also contain the records that have no topic.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    pub(crate) start: String,
    pub(crate) end: String,
    /// The number of events in the table.
    pub(crate) accepted: usize,
    /// The number of those events that no route matches.
    pub(crate) unrouted: usize,
    /// The number of those events that have no message in the format of any route that matches.
    pub(crate) skipped: usize,
    /// The number of records that the routes make of the events.
    pub(crate) expected: usize,
    /// The number of those records that are on their topics.
    pub(crate) published: usize,
    /// The number of records with the header of a replay.
    pub(crate) replayed: usize,
    /// Records that are not on their topics and are no dead letters.
    pub(crate) missing: Ids,
    /// Records that are not on their topics because they are dead letters.
    pub(crate) dead_letters: Ids,
    /// Events with more records on a topic than the routes make, without those of replays.
    pub(crate) doubled: Ids,
    /// Ids of the time range on a topic that should have no record of them.
    pub(crate) unknown: Ids,
    /// The keys of items of the table that are no event.
    pub(crate) foreign: Keys,
    /// Those with differences come first.
    pub(crate) topics: Vec<TopicReport>,
}

/// The part of the response about one topic. Its members mean the same as in the totals.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct TopicReport {
    pub(crate) topic: String,
    pub(crate) expected: usize,
    pub(crate) published: usize,
    pub(crate) replayed: usize,
    pub(crate) missing: Ids,
    pub(crate) dead_letters: Ids,
    pub(crate) doubled: Ids,
    pub(crate) unknown: Ids,
}

/// The number of items, and the first keys of them.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Keys {
    pub(crate) count: usize,
    pub(crate) keys: Vec<String>,
}

impl TopicReport {
    /// Whether the topic lacks a record, or has one too many.
    pub(crate) fn differs(&self) -> bool {
        let lists = [&self.missing, &self.dead_letters, &self.doubled, &self.unknown];
        lists.iter().any(|list| list.count > 0)
    }
}

impl Report {
    /// The metrics that the alarms watch.
    pub(crate) fn metrics(&self) -> [Metric; 4] {
        [
            RECONCILED_EVENTS.of(self.accepted),
            MISSING_EVENTS.of(self.missing.count),
            UNKNOWN_MESSAGES.of(self.unknown.count),
            FOREIGN_ITEMS.of(self.foreign.count),
        ]
    }
}
