//! The result of a comparison of table and topic.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use xzepr_domain::{EventId, TimeRange};
use xzepr_telemetry::Metric;

/// The most ids of a list. A response has at most 6 MB:
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_LISTED: usize = 10_000;

/// The most keys in the list of foreign items. A sort key has at most 1 KB.
const MAX_FOREIGN_LISTED: usize = 1_000;

/// The ids and keys in the tables.
#[derive(Debug, Default)]
pub(crate) struct Accepted {
    /// The ids of the events of the range. The item of such an id may be foreign.
    pub(crate) ids: BTreeSet<EventId>,
    /// The ids of the events of the range that have no message in the configured format.
    pub(crate) skipped: BTreeSet<EventId>,
    /// The keys of the items of the range that are no event.
    pub(crate) foreign: Vec<String>,
    /// The ids of the events that are dead letters, of any time.
    pub(crate) dead_letters: BTreeSet<EventId>,
}

/// The number of messages with one id on the topic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Deliveries {
    /// Messages that the stream or a redrive has published.
    pub(crate) unmarked: u64,
    /// Messages that replays have published.
    pub(crate) replayed: u64,
}

/// The response.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    pub(crate) start: String,
    pub(crate) end: String,
    pub(crate) topic: String,
    /// The number of events in the table.
    accepted: usize,
    /// The number of those events that are on the topic.
    published: usize,
    /// The number of those events that are not on the topic, since they have no message in the configured format.
    skipped: usize,
    /// The number of messages with the header of a replay.
    replayed: u64,
    /// Events that are not on the topic and are no dead letters.
    missing: Ids,
    /// Events that are not on the topic because they are dead letters.
    dead_letters: Ids,
    /// Events with more than one message on the topic, without those of replays.
    doubled: Ids,
    /// Ids of the time range that are on the topic and not in the table.
    unknown: Ids,
    /// The keys of items of the table that are no event.
    foreign: Keys,
}

/// The number of events, and the first ids of them.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Ids {
    count: usize,
    ids: Vec<String>,
}

/// The number of items, and the first keys of them.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Keys {
    count: usize,
    keys: Vec<String>,
}

impl Report {
    pub(crate) fn new(
        range: TimeRange,
        topic: &str,
        accepted: &Accepted,
        delivered: &BTreeMap<EventId, Deliveries>,
    ) -> Self {
        let (start, end) = range.to_texts();
        let Accepted { ids, skipped, foreign, dead_letters } = accepted;
        let (published, unpublished): (Vec<_>, Vec<_>) =
            ids.iter().partition(|id| delivered.contains_key(*id));
        let (skipped, unpublished): (Vec<_>, Vec<_>) =
            unpublished.into_iter().partition(|id| skipped.contains(*id));
        let (dead_letters, missing): (Vec<_>, Vec<_>) =
            unpublished.into_iter().partition(|id| dead_letters.contains(*id));
        let doubled = delivered.iter().filter(|(_, deliveries)| deliveries.unmarked > 1).map(|(id, _)| id);
        Self {
            start,
            end,
            topic: topic.to_owned(),
            accepted: ids.len(),
            published: published.len(),
            skipped: skipped.len(),
            replayed: delivered.values().map(|deliveries| deliveries.replayed).sum(),
            missing: missing.into_iter().collect(),
            dead_letters: dead_letters.into_iter().collect(),
            doubled: doubled.collect(),
            unknown: delivered.keys().filter(|id| !ids.contains(id)).collect(),
            foreign: Keys {
                count: foreign.len(),
                keys: foreign.iter().take(MAX_FOREIGN_LISTED).cloned().collect(),
            },
        }
    }

    /// The metrics that the alarms watch.
    pub(crate) fn metrics(&self) -> [Metric; 4] {
        [
            Metric::count("ReconciledEvents", self.accepted),
            Metric::count("MissingEvents", self.missing.count),
            Metric::count("UnknownMessages", self.unknown.count),
            Metric::count("ForeignItems", self.foreign.count),
        ]
    }

    pub(crate) fn missing(&self) -> usize {
        self.missing.count
    }
}

impl<'a> FromIterator<&'a EventId> for Ids {
    fn from_iter<I: IntoIterator<Item = &'a EventId>>(ids: I) -> Self {
        let ids: Vec<_> = ids.into_iter().collect();
        Self { count: ids.len(), ids: ids.iter().take(MAX_LISTED).map(ToString::to_string).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_counts_and_lists_each_kind_of_difference() {
        let id = EventId::first_of;
        let range = TimeRange::parse("2024-01-15T10:30:00Z", "2024-01-15T10:31:00Z").unwrap();
        let once = Deliveries { unmarked: 1, replayed: 0 };
        let accepted = Accepted {
            ids: BTreeSet::from([id(1), id(2), id(3), id(4), id(5), id(6)]),
            skipped: BTreeSet::from([id(2), id(6)]),
            foreign: vec!["pk copy".to_owned()],
            dead_letters: BTreeSet::from([id(3), id(5), id(7)]),
        };
        let delivered = BTreeMap::from([
            (id(1), once),
            (id(2), Deliveries { unmarked: 2, ..once }),
            (id(3), Deliveries { unmarked: 0, replayed: 2 }),
            (id(9), once),
        ]);
        let report = Report::new(range, "topic", &accepted, &delivered);
        let ids = |ids: &Ids| (ids.count, ids.ids.clone());
        assert_eq!((report.accepted, report.published, report.replayed), (6, 3, 2));
        // An event that is on the topic all the same is not skipped.
        assert_eq!(report.skipped, 1);
        assert_eq!(ids(&report.missing), (1, vec![id(4).to_string()]));
        assert_eq!(ids(&report.dead_letters), (1, vec![id(5).to_string()]));
        assert_eq!(report.foreign, Keys { count: 1, keys: accepted.foreign });
        assert_eq!(ids(&report.doubled), (1, vec![id(2).to_string()]));
        assert_eq!(ids(&report.unknown), (1, vec![id(9).to_string()]));
    }
}
