//! The rules of a gate.

use super::{Commit, Gate, GateEvents, Greens, Latest, Reds};
use crate::{
    artifact::Artifact,
    event::Event,
    event_receiver_group::EventReceiverGroup,
    id::{EventId, ReceiverId},
};

/// The latest event of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberState {
    /// It is successful.
    Green {
        /// The event.
        event: EventId,
        /// Whether the event is an override.
        is_override: bool,
    },
    /// It has failed.
    Red {
        /// The event.
        event: EventId,
    },
    /// There is none.
    Missing,
}

/// The state of a receiver for an artifact.
pub fn member_state(receiver: ReceiverId, greens: &Greens, reds: &Reds) -> MemberState {
    match (greens.latest.get(receiver), reds.latest.get(receiver)) {
        (Some(green), red) if red.is_none_or(|red| red < green) => {
            MemberState::Green { event: green, is_override: greens.overrides.contains(&green) }
        }
        (_, Some(red)) => MemberState::Red { event: red },
        _ => MemberState::Missing,
    }
}

/// The change of a gate that the facts demand; `None` if there is none. The greens must be read first. The
/// ledger and the gate may be read at the same time.
///
/// `group.enabled` does not matter here. It may have changed since it was read, so the commit has it as a condition. `id`
/// is a new id. If there are two events, the second one has the id after it.
pub fn evaluate(
    group: &EventReceiverGroup,
    artifact: &Artifact,
    greens: &Greens,
    reds: &Reds,
    gate: &Gate,
    id: EventId,
) -> Option<Commit> {
    let members = Members { group, greens, reds };
    let has_ended = gate.completions > 0 && members.failed_since(&gate.basis);
    let basis = members.basis().filter(|basis| {
        let is_further =
            gate.completions == 0 || has_ended || (group.repeat && has_later(basis, &gate.basis));
        is_further && !is_behind(basis, &gate.basis)
    });
    let announces_end = has_ended && group.notify_incomplete && gate.incomplete < gate.completions;
    if basis.is_none() && !announces_end {
        return None;
    }
    let mut after = Gate { revision: gate.revision + 1, ..gate.clone() };
    let incomplete = announces_end.then(|| {
        after.incomplete = gate.completions;
        let failed = members.reds_after(&gate.basis);
        Event::group_incomplete(group, artifact, gate.completions, &failed, id)
    });
    // A failure cannot undo an end. It can only undo a completion.
    let reds_revision = basis.is_some().then_some(reds.revision);
    let complete = basis.map(|basis| {
        after.completions = gate.completions + 1;
        let id = if incomplete.is_some() { id.next() } else { id };
        after.event = Some(id);
        let event = Event::group_complete(group, artifact, after.completions, &basis, &greens.overrides, id);
        after.basis = basis;
        event
    });
    Some(Commit {
        group: group.id,
        gate_revision: gate.revision,
        reds_revision,
        gate: after,
        events: GateEvents { incomplete, complete },
    })
}

/// The members of a group with the facts about them.
struct Members<'a> {
    group: &'a EventReceiverGroup,
    greens: &'a Greens,
    reds: &'a Reds,
}

impl Members<'_> {
    /// The latest events of all members, if there is a member and all of the events are successful.
    fn basis(&self) -> Option<Latest> {
        let green = |receiver: &ReceiverId| match member_state(*receiver, self.greens, self.reds) {
            MemberState::Green { event, .. } => Some((*receiver, event)),
            MemberState::Red { .. } | MemberState::Missing => None,
        };
        let basis: Option<Latest> = self.group.event_receiver_ids.iter().map(green).collect();
        basis.filter(|basis| !basis.is_empty())
    }

    /// Whether a member has failed after the event that the last completion rests on.
    fn failed_since(&self, basis: &Latest) -> bool {
        !self.reds_after(basis).is_empty()
    }

    /// The failures of members after the events that the last completion rests on.
    fn reds_after(&self, basis: &Latest) -> Latest {
        let members = self.group.event_receiver_ids.iter().copied();
        let red = |receiver| Some((receiver, self.reds.latest.get(receiver)?));
        members.filter_map(red).filter(|(receiver, red)| basis.get(*receiver) < Some(*red)).collect()
    }
}

/// Whether a member has a later event than in the last completion.
fn has_later(basis: &Latest, before: &Latest) -> bool {
    basis.iter().any(|(receiver, green)| before.get(receiver) < Some(green))
}

/// Whether a member has an earlier event than in the last completion. The greens are being written again then, and have not
/// come that far: the later event follows, and is evaluated. A completion that rests on the earlier one would name it to
/// watchers, and would let the later one announce a repeating group a second time.
fn is_behind(basis: &Latest, before: &Latest) -> bool {
    basis.iter().any(|(receiver, green)| before.get(receiver) > Some(green))
}
