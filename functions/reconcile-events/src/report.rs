//! What a comparison of table and topic finds.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use xzepr_domain::EventId;

/// The most ids that a list names: an answer has 6 MB at most.
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const MAX_LISTED: usize = 10_000;

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
    /// Events that are not on the topic.
    missing: Ids,
    /// Events that are on it more than once, replays not counted.
    doubled: Ids,
    /// Ids of the time range on the topic that the table does not have.
    unknown: Ids,
}

/// How many, and the first of them.
#[derive(Debug, PartialEq, Eq, Serialize)]
struct Ids {
    count: usize,
    ids: Vec<String>,
}

impl Report {
    pub(crate) fn new(
        (start, end): (String, String),
        topic: String,
        accepted: &BTreeSet<EventId>,
        delivered: &BTreeMap<EventId, Deliveries>,
    ) -> Self {
        let on_topic = |id: &&EventId| delivered.contains_key(*id);
        let doubled = delivered.iter().filter(|(_, deliveries)| deliveries.unmarked > 1).map(|(id, _)| id);
        Self {
            start,
            end,
            topic,
            accepted: accepted.len(),
            published: accepted.iter().filter(on_topic).count(),
            replayed: delivered.values().map(|deliveries| deliveries.replayed).sum(),
            missing: accepted.iter().filter(|id| !on_topic(id)).collect(),
            doubled: doubled.collect(),
            unknown: delivered.keys().filter(|id| !accepted.contains(id)).collect(),
        }
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
        let accepted = BTreeSet::from([id(1), id(2), id(3), id(4)]);
        let delivered = BTreeMap::from([
            (id(1), once),
            (id(2), Deliveries { unmarked: 2, ..once }),
            (id(3), Deliveries { unmarked: 0, replayed: 2 }),
            (id(9), once),
        ]);
        let report = Report::new(Default::default(), "topic".to_owned(), &accepted, &delivered);
        let ids = |ids: &Ids| (ids.count, ids.ids.clone());
        assert_eq!((report.accepted, report.published, report.replayed), (4, 3, 2));
        assert_eq!(ids(&report.missing), (1, vec![id(4).to_string()]));
        assert_eq!(ids(&report.doubled), (1, vec![id(2).to_string()]));
        assert_eq!(ids(&report.unknown), (1, vec![id(9).to_string()]));
    }
}
