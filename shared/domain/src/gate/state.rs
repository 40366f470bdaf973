//! The facts about an artifact that gates are evaluated by.

use std::collections::BTreeSet;

use super::Latest;
use crate::id::EventId;

/// The ledger of failures: the latest failed event of each receiver.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Reds {
    /// The events.
    pub latest: Latest,
    /// It grows with each change, so that a commit can tell whether the ledger is as it was read.
    pub revision: u64,
}

/// The latest successful event of each receiver, as far as the stream has delivered them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Greens {
    /// The events.
    pub latest: Latest,
    /// Those of the events that are overrides.
    pub overrides: BTreeSet<EventId>,
}

/// The completions of a group for an artifact.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Gate {
    /// It grows with each change. It is 0 as long as there was no completion.
    pub revision: u64,
    /// The number of completions, which is also the number of the last one.
    pub completions: u64,
    /// The events that the last completion rests on, one for each member.
    pub basis: Latest,
    /// The event that announced the last completion.
    pub event: Option<EventId>,
    /// The number of the last completion whose end was announced; 0 if none was.
    pub incomplete: u64,
}
