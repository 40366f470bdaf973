//! The sums over the topics.

use xzepr_domain::TimeRange;

use crate::{
    expected::Expected,
    letters::Letters,
    lists::{Total, Unknown},
    records::Records,
    report::{Keys, Report, TopicReport},
};

/// The most topics in the list of them. A topic takes some 500 bytes beside its ids.
const MAX_TOPICS_LISTED: usize = 1_000;

/// Collects the reports of topics, and bounds their lists.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    expected: usize,
    published: usize,
    replayed: usize,
    missing: Total,
    dead_letters: Total,
    doubled: Total,
    unknown: Total,
    differing: Vec<TopicReport>,
    equal: Vec<TopicReport>,
}

impl Totals {
    /// Adds the records of a topic.
    pub(crate) fn add_topic(
        &mut self,
        topic: &str,
        records: &Records,
        letters: &Letters,
        unknown: &Unknown,
        replayed: usize,
    ) {
        let mut report = self.add(records, letters);
        topic.clone_into(&mut report.topic);
        report.replayed = replayed;
        self.replayed += replayed;
        for event in records.events() {
            self.doubled.add(&mut report.doubled, event.id, usize::from(event.is_doubled()));
        }
        for id in &unknown.ids {
            self.unknown.add(&mut report.unknown, *id, 1);
        }
        self.unknown.add_unlisted(&mut report.unknown, unknown.others);
        let topics = if report.differs() { &mut self.differing } else { &mut self.equal };
        if topics.len() < MAX_TOPICS_LISTED {
            topics.push(report);
        }
    }

    /// Adds the records that have no topic. They may be on several topics from the time when they had one, so they are
    /// never doubled.
    pub(crate) fn add_without_topic(&mut self, records: &Records, letters: &Letters) {
        self.add(records, letters);
    }

    fn add(&mut self, records: &Records, letters: &Letters) -> TopicReport {
        let mut report = TopicReport::default();
        for event in records.events() {
            let [expected, published, absent] =
                [event.expected, event.published(), event.absent()].map(|count| count as usize);
            report.expected += expected;
            report.published += published;
            if absent > 0 {
                let dead = letters.explain(event.id, absent, |route| records.has_route(route));
                self.dead_letters.add(&mut report.dead_letters, event.id, dead);
                self.missing.add(&mut report.missing, event.id, absent - dead);
            }
        }
        self.expected += report.expected;
        self.published += report.published;
        report
    }

    /// The response.
    pub(crate) fn report(self, range: TimeRange, expected: Expected) -> Report {
        let (start, end) = range.to_texts();
        Report {
            start,
            end,
            accepted: expected.accepted,
            unrouted: expected.unrouted,
            skipped: expected.skipped,
            expected: self.expected,
            published: self.published,
            replayed: self.replayed,
            missing: self.missing.ids,
            dead_letters: self.dead_letters.ids,
            doubled: self.doubled.ids,
            unknown: self.unknown.ids,
            foreign: Keys { count: expected.foreign, keys: expected.foreign_keys },
            topics: self.differing.into_iter().chain(self.equal).take(MAX_TOPICS_LISTED).collect(),
        }
    }
}
