//! What a row comes to.

use std::{collections::BTreeMap, time::Duration};

/// The figures of a row.
#[derive(Debug)]
pub(crate) struct Figures {
    /// Posts answered with 200.
    pub(crate) accepted: usize,
    /// How often posts were answered otherwise, or not at all.
    pub(crate) refusals: BTreeMap<String, u64>,
    /// Events of the table that are on the topic: also such as were stored without an answer.
    pub(crate) published: u64,
    /// Events that are on it more than once, replays not counted.
    pub(crate) doubled: u64,
    /// Events that can never be published, kept as dead letters.
    pub(crate) dead_letters: usize,
    /// Dead letters that belong to the row: the others should have been published.
    pub(crate) expected_dead_letters: usize,
    /// Events, accepted or only stored, that are neither on the topic nor dead letters.
    pub(crate) lost: usize,
    /// Ids on the topic that the table does not have.
    pub(crate) invented: u64,
    /// The longest time from an answer to the message.
    pub(crate) longest_stall: Duration,
}

impl Figures {
    pub(crate) const HEADER: &str = "| Fault | accepted | refused | published | doubled | dead letters | lost | longest stall |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |";

    /// A row of the README's table.
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

    /// What callers heard beside 200.
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
