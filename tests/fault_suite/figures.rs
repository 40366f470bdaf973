//! The figures of a row.

use std::{collections::BTreeMap, time::Duration};

/// The figures of a row.
#[derive(Debug)]
pub(crate) struct Figures {
    /// Posts with the response 200.
    pub(crate) accepted: usize,
    /// How often posts got another response, or none.
    pub(crate) refusals: BTreeMap<String, u64>,
    /// Events of the table that are on the topic. Some were stored although their caller got no 200.
    pub(crate) published: u64,
    /// Events that are on the topic more than once. Replays do not count.
    pub(crate) doubled: u64,
    /// Events that can never be published and are dead letters.
    pub(crate) dead_letters: usize,
    /// How many dead letters the row makes. Any other event must be published.
    pub(crate) expected_dead_letters: usize,
    /// Events, accepted or only stored, that are neither on the topic nor dead letters.
    pub(crate) lost: usize,
    /// Ids that are on the topic and not in the table.
    pub(crate) invented: u64,
    /// The longest time from a response to its message.
    pub(crate) longest_stall: Duration,
}

impl Figures {
    pub(crate) const HEADER: &str = "| Fault | accepted | refused | published | doubled | dead letters | lost | longest stall |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |";

    /// A row of the table in the docs.
    pub(crate) fn row(&self, name: &str) -> String {
        format!(
            "| {name} | {} | {} | {} | {} | {} | {} | {:.1} s |",
            self.accepted,
            self.refusals.values().sum::<u64>(),
            self.published,
            self.doubled,
            self.dead_letters,
            self.lost,
            self.longest_stall.as_secs_f64()
        )
    }

    /// The responses other than 200.
    pub(crate) fn refusals(&self) -> String {
        let refusals = self.refusals.iter().map(|(refusal, count)| format!("{count} times {refusal}"));
        refusals.collect::<Vec<_>>().join(", ")
    }

    pub(crate) fn assert_nothing_lost(&self, name: &str) {
        assert_eq!((self.lost, self.invented), (0, 0), "{name}: lost, invented");
        assert_eq!(self.dead_letters, self.expected_dead_letters, "{name}: dead letters");
        let is_unavailable = |refusal: &String| refusal.starts_with("503");
        assert!(self.refusals.keys().all(is_unavailable), "{name}: refused {}", self.refusals());
    }
}
