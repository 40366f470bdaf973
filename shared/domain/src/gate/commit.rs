//! The change of a gate: all of it is written, or nothing.

use super::{Gate, Reds};
use crate::{
    event::Event,
    id::{EventId, GroupId},
};

/// A change of a gate with the events that announce it, and the facts that it depends on. A store writes it in one
/// transaction, or refuses it if [`holds`](Self::holds) is false at that moment.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// The group, which must be enabled.
    pub group: GroupId,
    /// The revision of the gate that was read.
    pub gate_revision: u64,
    /// The revision of the ledger that was read. It is `None` if a further failure makes no difference.
    pub reds_revision: Option<u64>,
    /// The gate after the change.
    pub gate: Gate,
    /// The events to store, in the order of their ids.
    pub events: GateEvents,
}

/// The events that announce a change of a gate.
#[derive(Debug, Clone, PartialEq)]
pub struct GateEvents {
    /// The end of the last completion.
    pub incomplete: Option<Event>,
    /// The new completion.
    pub complete: Option<Event>,
}

impl GateEvents {
    /// The events, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Event> {
        self.incomplete.iter().chain(&self.complete)
    }

    /// The id of the new completion.
    pub fn completion(&self) -> Option<EventId> {
        self.complete.as_ref().map(|event| event.id)
    }
}

impl Commit {
    /// Whether the commit may be written: the gate and the ledger are as they were read, and the group is enabled.
    pub fn holds(&self, gate: &Gate, reds: &Reds, is_enabled: bool) -> bool {
        is_enabled
            && gate.revision == self.gate_revision
            && self.reds_revision.is_none_or(|revision| revision == reds.revision)
    }
}
