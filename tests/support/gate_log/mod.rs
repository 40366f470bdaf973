//! An independent check of gates: it compares the messages of gates with the log of accepted requests. It uses no code of
//! the registry, and reads nothing of its state.
//!
//! # What the log decides
//!
//! The log has the time at which each request was sent and at which its response came. An event's id has the time at which
//! it was made. So the moment at which an event was stored is not known, but lies between the time of its id and that of
//! its response. In the same way a completion was committed between the time of its id and the arrival of its message.
//! All clocks are the same one.
//!
//! A completion must not come (*wrong*), if any of these is false. Those without "surely" do not depend on times at all:
//!
//! - It names an accepted, successful event of the artifact for each receiver of the group, and for no other one.
//! - No later failure of one of these receivers was surely stored before the completion was committed (S1).
//! - The group was not surely disabled all the time in which the completion can have been committed (S1).
//! - Each receiver with a failure between the events of the completion before and those of this one counts: there must be
//!   one (U1). If the group repeats, a later event than in the completion before is enough.
//! - Its number follows the one before, and no event of it is earlier than in the one before.
//! - The end of a completion names only failures after the events of that completion, and at least one. The group asks
//!   for it.
//!
//! A completion is *doubled* if another one of the same group and artifact has its number. So is the end of one.
//!
//! A completion must come (else it is *missing*, L1) if the check runs while nothing is under way, at a quiet point. The
//! latest accepted event of each receiver is successful then, and an event of a receiver was made after the last PATCH.
//! The last completion must be newer than each failure. In a group that repeats it must rest on the latest events. An end
//! must come if a failure is newer than the last completion, and in any case before the next completion.
//!
//! All other completions may come. Whether they do depends on the order of deliveries. The report counts those for which a
//! failure was under way at the same time: S1 permits such a completion only if the failure was stored after it, which the
//! log cannot tell.

mod check;
mod gate;
mod message;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

pub use self::message::artifact;

/// A time in milliseconds since 1970.
pub type Ms = u64;

/// The requests that were accepted.
#[derive(Debug, Default)]
pub struct GateLog {
    /// The groups. None is created while events are posted.
    pub groups: Vec<LoggedGroup>,
    /// The events.
    pub events: Vec<LoggedEvent>,
    /// The PATCHes of groups that changed something, each sent after the response to the one before of its group.
    pub patches: Vec<LoggedPatch>,
    /// Artifacts with a POST that got no response, so that nobody knows whether its event is stored. They are not checked.
    pub uncertain: HashSet<String>,
}

/// A group as it was created.
#[derive(Debug, Clone)]
pub struct LoggedGroup {
    /// Its id.
    pub id: String,
    /// Its receivers.
    pub members: Vec<String>,
    /// Whether it was created enabled.
    pub is_enabled: bool,
    /// Whether it repeats completions.
    pub repeat: bool,
    /// Whether it announces the end of a completion.
    pub notify_incomplete: bool,
}

/// An accepted event.
#[derive(Debug, Clone)]
pub struct LoggedEvent {
    /// The id of the response.
    pub id: String,
    /// Its receiver.
    pub receiver: String,
    /// The five texts of its artifact.
    pub artifact: String,
    /// Whether it is successful.
    pub success: bool,
    /// When the response came.
    pub responded: Ms,
}

/// A PATCH that changed a group.
#[derive(Debug, Clone)]
pub struct LoggedPatch {
    /// The group.
    pub group: String,
    /// Whether it is enabled from now on.
    pub enabled: bool,
    /// When the request was sent.
    pub sent: Ms,
    /// When the response came.
    pub responded: Ms,
}

/// A message of a gate.
#[derive(Debug, Clone)]
pub struct GateMessage {
    /// The id of its event.
    pub id: String,
    /// Its group.
    pub group: String,
    /// The five texts of its artifact.
    pub artifact: String,
    /// The number of the completion.
    pub completion: u64,
    /// Whether it announces a completion, and not the end of one.
    pub is_complete: bool,
    /// The event of each receiver: those that the completion rests on, or those that ended it.
    pub events: BTreeMap<String, String>,
    /// When it arrived.
    pub arrived: Ms,
}

/// The result of a check. Each fault is a text for people.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct GateReport {
    /// Completions and ends that had to come, and did not.
    pub missing: Vec<String>,
    /// Completions and ends that must not have come.
    pub wrong: Vec<String>,
    /// Completions and ends that came twice.
    pub doubled: Vec<String>,
    /// The completions that came.
    pub completions: usize,
    /// The ends that came.
    pub ends: usize,
    /// The gates whose completion had to be there.
    pub due: usize,
    /// Completions that came while a failure was under way.
    pub undecided: usize,
}

impl GateReport {
    /// Whether nothing is missing, wrong or doubled.
    pub fn is_faultless(&self) -> bool {
        self.missing.is_empty() && self.wrong.is_empty() && self.doubled.is_empty()
    }
}
