//! What a comparison of table and topic finds.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use xzepr_domain::EventId;
use xzepr_telemetry::Metric;

/// The most ids that a list names: an answer has 6 MB at most.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_LISTED: usize = 10_000;

/// The most keys that the list of foreign items names: a sort key has up to 1 KB.
const MAX_FOREIGN_LISTED: usize = 1_000;

/// The ids and keys that the tables have of a time range.
#[derive(Debug, Default)]
pub(crate) struct Accepted {
    /// The events' ids.
    pub(crate) ids: BTreeSet<EventId>,
    /// The keys of the items that are no event.
    pub(crate) foreign: Vec<String>,
    /// The ids of all dead letters, whatever their time.
    pub(crate) dead_letters: BTreeSet<EventId>,
}

/// How often an id is on the topic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Deliveries {
    /// By the stream and from the dead letters.
    pub(crate) unmarked: u64,
    /// By replays.
    pub(crate) replayed: u64,
}

/// The answer.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    pub(crate) start: String,
    pub(crate) end: String,
    pub(crate) topic: String,
    /// Events in the table.
    accepted: usize,
    /// Events of those on the topic.
    published: usize,
    /// Messages with the header of a replay.
    replayed: u64,
    /// Events that are not on the topic, and no dead letters.
    missing: Ids,
    /// Events that are not on the topic because they are dead letters.
    dead_letters: Ids,
    /// Events that are on it more than once, replays not counted.
    doubled: Ids,
    /// Ids of the time range on the topic that the table does not have.
    unknown: Ids,
    /// Items of the table that are no event, by their keys.
    foreign: Keys,
}

/// How many, and the first of them.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Ids {
    count: usize,
    ids: Vec<String>,
}

/// How many, and the first of them.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Keys {
    count: usize,
    keys: Vec<String>,
}

impl Report {
    pub(crate) fn new(
        (start, end): (String, String),
        topic: String,
        accepted: &Accepted,
        delivered: &BTreeMap<EventId, Deliveries>,
    ) -> Self {
        let Accepted { ids: accepted, foreign, dead_letters } = accepted;
        let on_topic = |id: &&EventId| delivered.contains_key(*id);
        let not_on_topic = || accepted.iter().filter(|id| !on_topic(id));
        let doubled = delivered.iter().filter(|(_, deliveries)| deliveries.unmarked > 1).map(|(id, _)| id);
        Self {
            start,
            end,
            topic,
            accepted: accepted.len(),
            published: accepted.iter().filter(on_topic).count(),
            replayed: delivered.values().map(|deliveries| deliveries.replayed).sum(),
            missing: not_on_topic().filter(|id| !dead_letters.contains(id)).collect(),
            dead_letters: not_on_topic().filter(|id| dead_letters.contains(id)).collect(),
            doubled: doubled.collect(),
            unknown: delivered.keys().filter(|id| !accepted.contains(id)).collect(),
            foreign: Keys {
                count: foreign.len(),
                keys: foreign.iter().take(MAX_FOREIGN_LISTED).cloned().collect(),
            },
        }
    }

    /// The metrics that the alarms look at.
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
    fn what_is_missing_doubled_or_unknown_is_told() {
        let id = EventId::first_of;
        let once = Deliveries { unmarked: 1, replayed: 0 };
        let accepted = Accepted {
            ids: BTreeSet::from([id(1), id(2), id(3), id(4), id(5)]),
            foreign: vec!["pk copy".to_owned()],
            dead_letters: BTreeSet::from([id(3), id(5), id(7)]),
        };
        let delivered = BTreeMap::from([
            (id(1), once),
            (id(2), Deliveries { unmarked: 2, ..once }),
            (id(3), Deliveries { unmarked: 0, replayed: 2 }),
            (id(9), once),
        ]);
        let report = Report::new(Default::default(), "topic".to_owned(), &accepted, &delivered);
        let ids = |ids: &Ids| (ids.count, ids.ids.clone());
        assert_eq!((report.accepted, report.published, report.replayed), (5, 3, 2));
        assert_eq!(ids(&report.missing), (1, vec![id(4).to_string()]));
        assert_eq!(ids(&report.dead_letters), (1, vec![id(5).to_string()]));
        assert_eq!(report.foreign, Keys { count: 1, keys: accepted.foreign });
        assert_eq!(ids(&report.doubled), (1, vec![id(2).to_string()]));
        assert_eq!(ids(&report.unknown), (1, vec![id(9).to_string()]));
    }
}
