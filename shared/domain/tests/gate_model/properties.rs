//! The properties that hold in every state. They look at the accepted events alone, not at the greens or the ledger.

use std::rc::Rc;

use xzepr_domain::{
    EventId,
    gate::{Commit, Gate},
};

use crate::{actions::Fact, rules::receiver_id, scripts::Script, state::State};

/// A property of the design.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Property {
    /// When a completion is committed, the latest accepted event of each member is green, and the group is enabled.
    S1,
    /// There is no further completion until a red has come that is newer than the events the last one rests on. In a group
    /// with `repeat`, a later green is enough. No completion rests on an earlier green of a member than the one before.
    U1,
    /// When every accepted event is processed and the latest one of each member is green, the last completion is newer
    /// than every red. In a group with `repeat` it rests on the latest events. This holds if the group is enabled and had
    /// no PATCH since the last event of a member was accepted.
    L1,
    /// With `notify_incomplete`, the end of completion n is announced once, after it and before completion n + 1, and
    /// never without a red that is newer than the events that completion n rests on.
    N1,
    /// With `notify_incomplete`, when every accepted event is processed, the end of each completion that has ended is
    /// announced. The condition on PATCHes is that of L1.
    N2,
}

impl Fact {
    pub(crate) fn of(commit: &Commit) -> Self {
        match (&commit.events.incomplete, &commit.events.complete) {
            (Some(_), Some(_)) => Self::AnnouncedEndWithCompletion,
            (Some(_), None) => Self::AnnouncedEnd,
            _ => Self::Completed(commit.gate.completions),
        }
    }
}

/// The property that the commit breaks in the state before it.
pub(crate) fn broken_by(script: &Script, state: &State, group: usize, commit: &Commit) -> Option<Property> {
    let (before, after) = (&state.gates[group], &commit.gate);
    let is_completion = commit.events.complete.is_some();
    let has_ended = has_ended(script, state, group, before);
    if is_completion {
        let are_all_green = script.members(group).all(|member| latest_green(script, state, member).is_some());
        if !are_all_green || !state.enabled[group] {
            return Some(Property::S1);
        }
        let rests_on_later = after.basis.iter().any(|(member, event)| before.basis.get(member) < Some(event));
        let rests_on_earlier =
            before.basis.iter().any(|(member, event)| after.basis.get(member) < Some(event));
        let may_repeat = script.groups[group].repeat && rests_on_later;
        let is_further = after.completions == before.completions + 1 && !rests_on_earlier;
        if !is_further || before.completions > 0 && !has_ended && !may_repeat {
            return Some(Property::U1);
        }
    }
    let announces_end = commit.events.incomplete.is_some();
    let is_first = before.incomplete < before.completions && after.incomplete == before.completions;
    let is_due =
        script.groups[group].notify_incomplete && has_ended && before.incomplete < before.completions;
    let is_wrong = announces_end && !(is_due && is_first);
    let is_left_out = !announces_end && is_completion && is_due;
    (is_wrong || is_left_out).then_some(Property::N1)
}

/// The property that a state breaks in which every accepted event is processed.
pub(crate) fn broken_at_rest(script: &Script, state: &State) -> Option<Property> {
    (0..2).filter(|group| state.enabled[*group] && state.is_unchanged[*group]).find_map(|group| {
        let gate: &Rc<Gate> = &state.gates[group];
        let has_ended = has_ended(script, state, group, gate);
        let latest: Option<Vec<_>> =
            script.members(group).map(|member| latest_green(script, state, member)).collect();
        if let Some(latest) = latest {
            let rests_on_latest = script
                .members(group)
                .zip(latest)
                .all(|(member, event)| gate.basis.get(receiver_id(member)) == Some(event));
            if gate.completions == 0 || has_ended || script.groups[group].repeat && !rests_on_latest {
                return Some(Property::L1);
            }
        }
        let is_announced = gate.incomplete == gate.completions;
        let is_missing = script.groups[group].notify_incomplete && has_ended && !is_announced;
        is_missing.then_some(Property::N2)
    })
}

/// The latest accepted event of a receiver, if it is green.
fn latest_green(script: &Script, state: &State, receiver: usize) -> Option<EventId> {
    let (event, is_green) = state.accepted_of(script, receiver).max()?;
    is_green.then_some(event)
}

/// Whether a red is accepted that is newer than an event that the last completion rests on.
fn has_ended(script: &Script, state: &State, group: usize, gate: &Gate) -> bool {
    gate.completions > 0
        && script.members(group).any(|member| {
            let basis = gate.basis.get(receiver_id(member));
            state.accepted_of(script, member).any(|(event, is_green)| !is_green && basis < Some(event))
        })
}
