//! The parts of the log and the messages that are about one gate: a group and an artifact.

use std::collections::BTreeMap;

use ulid::Ulid;

use super::{GateLog, GateMessage, LoggedEvent, LoggedGroup, Ms};

/// The part of the log that matters to one group and artifact.
pub(super) struct Gate<'a> {
    pub(super) group: &'a LoggedGroup,
    pub(super) artifact: &'a str,
    /// The events of each receiver of the group, in the order of their ids.
    pub(super) events: BTreeMap<&'a str, Vec<&'a LoggedEvent>>,
    /// The completions in the order of their numbers.
    pub(super) completions: Vec<&'a GateMessage>,
    pub(super) ends: Vec<&'a GateMessage>,
    /// The periods in which the group may have been enabled, or may have been disabled.
    states: Vec<(bool, Ms, Ms)>,
}

impl<'a> Gate<'a> {
    pub(super) fn of(
        log: &'a GateLog,
        group: &'a LoggedGroup,
        artifact: &'a str,
        events: &[&'a LoggedEvent],
        messages: &[&'a GateMessage],
    ) -> Self {
        let of_receiver = |receiver: &'a String| {
            let mut events: Vec<_> =
                events.iter().copied().filter(|event| event.receiver == *receiver).collect();
            events.sort_by(|one, other| one.id.cmp(&other.id));
            (&**receiver, events)
        };
        let (mut completions, ends): (Vec<_>, Vec<_>) =
            messages.iter().copied().partition(|message| message.is_complete);
        completions.sort_by_key(|message| (message.completion, message.arrived));
        Self {
            group,
            artifact,
            events: group.members.iter().map(of_receiver).collect(),
            completions,
            ends,
            states: states(log, group),
        }
    }

    /// The failures of a receiver after an event, or all if there is none.
    pub(super) fn reds_after<'s>(
        &'s self,
        receiver: &str,
        event: Option<&'s String>,
    ) -> impl Iterator<Item = &'a LoggedEvent> + 's {
        let of_receiver = self.events.get(receiver).into_iter().flatten().copied();
        of_receiver.filter(move |red| !red.success && event.is_none_or(|event| *event < red.id))
    }

    /// Whether a failure is newer than the events that a completion rests on.
    pub(super) fn has_ended(&self, completion: &GateMessage) -> bool {
        let mut members = self.group.members.iter();
        members.any(|member| self.reds_after(member, completion.events.get(member)).next().is_some())
    }

    /// The latest event of each receiver, if all of them are successful.
    pub(super) fn latest_greens(&self) -> Option<BTreeMap<&'a str, &'a str>> {
        if self.events.is_empty() {
            return None;
        }
        let latest = |(receiver, events): (&&'a str, &Vec<&'a LoggedEvent>)| {
            events.last().filter(|event| event.success).map(|event| (*receiver, &*event.id))
        };
        self.events.iter().map(latest).collect()
    }

    /// Whether the group may have been enabled at a moment of this time.
    pub(super) fn may_be_enabled(&self, from: Ms, until: Ms) -> bool {
        self.states.iter().any(|(enabled, start, end)| *enabled && *start <= until && from <= *end)
    }

    /// Whether the group is enabled, and an event of a receiver was surely accepted after the last PATCH.
    pub(super) fn is_claimed(&self) -> bool {
        let Some((true, _, _)) = self.states.last() else { return false };
        // The state before the last one ends with the response to the last PATCH.
        let Some((_, _, changed)) = self.states.iter().rev().nth(1) else { return true };
        self.events.values().flatten().any(|event| made(&event.id) > *changed)
    }

    pub(super) fn name(&self) -> String {
        format!("group {} of {}", self.group.id, self.artifact)
    }
}

fn states(log: &GateLog, group: &LoggedGroup) -> Vec<(bool, Ms, Ms)> {
    let mut states = vec![(group.is_enabled, 0, Ms::MAX)];
    for patch in log.patches.iter().filter(|patch| patch.group == group.id) {
        if let Some(last) = states.last_mut() {
            last.2 = patch.responded;
        }
        states.push((patch.enabled, patch.sent, Ms::MAX));
    }
    states
}

/// The time in an id.
pub(super) fn made(id: &str) -> Ms {
    id.parse::<Ulid>().unwrap().timestamp_ms()
}
