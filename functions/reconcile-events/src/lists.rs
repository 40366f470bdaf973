//! Bounded lists of ids.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};
use xzepr_domain::EventId;

/// The most ids of a list of the totals, and of the lists of one kind of all topics together. A response has at most 6 MB:
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(crate) const MAX_LISTED: usize = 10_000;

/// The most ids that are kept of one topic to count each once. They take some 25 MB.
const MAX_UNKNOWN_KEPT: usize = 1_000_000;

/// A count, and the first ids of the counted.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Ids {
    pub(crate) count: usize,
    pub(crate) ids: BTreeSet<Id>,
}

/// An id that is written as its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Id(pub(crate) EventId);

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// One list of the totals.
#[derive(Debug, Default)]
pub(crate) struct Total {
    pub(crate) ids: Ids,
    /// The number of ids in the lists of the topics.
    listed: usize,
}

impl Total {
    /// Adds `count` things of an event to the total and to the list of a topic.
    pub(crate) fn add(&mut self, list: &mut Ids, id: EventId, count: usize) {
        if count == 0 {
            return;
        }
        self.add_unlisted(list, count);
        if self.listed < MAX_LISTED {
            list.ids.insert(Id(id));
            self.listed += 1;
        }
        if self.ids.ids.len() < MAX_LISTED {
            self.ids.ids.insert(Id(id));
        }
    }

    /// Adds things whose ids are not known any more.
    pub(crate) fn add_unlisted(&mut self, list: &mut Ids, count: usize) {
        list.count += count;
        self.ids.count += count;
    }
}

/// The ids on a topic that should have no record of them.
#[derive(Debug, Default)]
pub(crate) struct Unknown {
    pub(crate) ids: BTreeSet<EventId>,
    /// The number of records beyond the bound of the ids.
    pub(crate) others: usize,
}

impl Unknown {
    pub(crate) fn add(&mut self, id: EventId) {
        if self.ids.len() < MAX_UNKNOWN_KEPT {
            self.ids.insert(id);
        } else if !self.ids.contains(&id) {
            self.others += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_of_all_topics_together_are_as_long_as_that_of_the_totals() {
        let mut total = Total::default();
        let mut topics = [Ids::default(), Ids::default()];
        for ms in 0..u64::try_from(MAX_LISTED).unwrap() {
            topics.iter_mut().for_each(|list| total.add(list, EventId::first_of(ms), 1));
        }
        assert_eq!((total.ids.count, total.ids.ids.len()), (2 * MAX_LISTED, MAX_LISTED / 2 + MAX_LISTED / 2));
        let [first, second] = topics;
        assert_eq!((first.count, second.count), (MAX_LISTED, MAX_LISTED));
        assert_eq!(first.ids.len() + second.ids.len(), MAX_LISTED);
    }

    #[test]
    fn an_unknown_id_counts_once_as_long_as_it_is_kept() {
        let mut unknown = Unknown::default();
        for ms in (0..1_000_000).chain([0, 2_000_000, 2_000_000]) {
            unknown.add(EventId::first_of(ms));
        }
        assert_eq!((unknown.ids.len(), unknown.others), (MAX_UNKNOWN_KEPT, 2));
    }
}
