//! The answer about one group: pure.

use std::{collections::HashMap, fmt};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use xzepr_domain::{
    Artifact, EventId, EventReceiverGroup, ReceiverId,
    gate::{Gate, Greens, Latest, MemberState, Reds, evaluate, member_state},
};
use xzepr_store::{Lag, ReceiverName};

use super::words;

/// Whether a group is complete for an artifact, and the reasons why it is not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The group.
    pub group_id: String,
    /// Its name.
    pub name: String,
    /// Its type, which is also the `type` of its messages.
    pub r#type: String,
    /// Its version.
    pub version: String,
    /// Whether it is in use.
    pub enabled: bool,
    /// Whether it is enabled and the latest event of each member is successful.
    pub complete: bool,
    /// How many times it was announced as complete.
    pub completions: u64,
    /// The last of these times.
    pub last: Option<Completion>,
    /// Each receiver of the group, in the group's order.
    pub members: Vec<Member>,
    /// The reasons, in words for people. It is empty if the group is complete and that was announced.
    pub blocked_by: Vec<String>,
    /// How far the greens may be behind.
    pub greens: Freshness,
}

/// A completion that was announced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Completion {
    /// The event that announced it; `None` if the gate lacks it.
    pub event_id: Option<String>,
    /// Its number.
    pub completion: u64,
    /// When it was announced, in RFC 3339 and UTC.
    pub at: Option<String>,
    /// The events that it rests on, in the order of the receivers' ids.
    pub events: Vec<MemberEvent>,
}

/// An event of a member.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MemberEvent {
    /// The receiver.
    pub event_receiver_id: String,
    /// The event.
    pub event_id: String,
}

/// A receiver of the group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Member {
    /// The receiver.
    pub event_receiver_id: String,
    /// Its name; `None` if the receiver cannot be read.
    pub name: Option<String>,
    /// Its type; `None` if the receiver cannot be read.
    pub r#type: Option<String>,
    /// Whether its latest event is successful.
    pub state: State,
    /// Its latest event.
    pub event_id: Option<String>,
    /// When that event was accepted, in RFC 3339 and UTC.
    pub created_at: Option<String>,
    /// The age of that event, in seconds.
    pub age_s: Option<i64>,
    /// Whether that event is an override. It is left out if it is none.
    #[serde(rename = "override", skip_serializing_if = "Option::is_none")]
    pub is_override: Option<bool>,
}

/// The state of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Its latest event is successful.
    Green,
    /// Its latest event has failed.
    Red,
    /// It has no event, or none that the index has.
    Missing,
}

/// How far the greens were behind when that was last measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Freshness {
    /// The age of the newest event of a batch that was indexed, or of the first one that waits for a retry, in
    /// milliseconds. It is the greatest one of two minutes.
    pub lag_ms: Option<u64>,
    /// When that batch ended, in RFC 3339 and UTC.
    pub measured_at: Option<String>,
}

/// The facts about an artifact.
#[derive(Debug, Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) artifact: &'a Artifact,
    pub(super) greens: &'a Greens,
    pub(super) reds: &'a Reds,
    pub(super) names: &'a HashMap<ReceiverId, ReceiverName>,
    pub(super) lag: Option<Lag>,
    pub(super) now: DateTime<Utc>,
}

impl Facts<'_> {
    /// The answer about a group with these completions.
    pub(super) fn explain(&self, group: &EventReceiverGroup, gate: &Gate) -> Explanation {
        let ids = || group.event_receiver_ids.iter().copied();
        let states: Vec<_> = ids().map(|id| (id, member_state(id, self.greens, self.reds))).collect();
        let is_green = |(_, state): &(_, MemberState)| matches!(state, MemberState::Green { .. });
        let complete = group.enabled && !states.is_empty() && states.iter().all(is_green);
        let mut blocked_by = Vec::new();
        blocked_by.extend((!group.enabled).then(|| words::DISABLED.to_owned()));
        blocked_by.extend(states.is_empty().then(|| words::EMPTY.to_owned()));
        blocked_by.extend(states.iter().filter_map(|(id, state)| self.reason(*id, *state, gate)));
        blocked_by.extend(
            self.unannounced(group, gate)
                .filter(|_| complete)
                .map(|since| words::unannounced(group, since, self.now)),
        );
        Explanation {
            group_id: group.id.to_string(),
            name: group.name.to_string(),
            r#type: group.r#type.to_string(),
            version: group.version.to_string(),
            enabled: group.enabled,
            complete,
            completions: gate.completions,
            last: last(gate),
            members: states.into_iter().map(|(id, state)| self.member(id, state)).collect(),
            blocked_by,
            greens: freshness(self.lag),
        }
    }

    /// The latest event of a completion that is not announced yet. The rule is the one by which gates are announced.
    fn unannounced(&self, group: &EventReceiverGroup, gate: &Gate) -> Option<EventId> {
        let id = EventId::generate();
        let commit = evaluate(group, self.artifact, self.greens, self.reds, gate, id)?;
        commit.events.complete?;
        commit.gate.basis.iter().map(|(_, event)| event).max()
    }

    fn member(&self, id: ReceiverId, state: MemberState) -> Member {
        let (state, event, is_override) = match state {
            MemberState::Green { event, is_override } => (State::Green, Some(event), is_override),
            MemberState::Red { event } => (State::Red, Some(event), false),
            MemberState::Missing => (State::Missing, None, false),
        };
        let name = self.names.get(&id);
        let age_s = |event: EventId| Some(self.now.signed_duration_since(event.time()?).num_seconds().max(0));
        Member {
            event_receiver_id: id.to_string(),
            name: name.map(|name| name.name.clone()),
            r#type: name.map(|name| name.r#type.clone()),
            state,
            event_id: event.map(|event| event.to_string()),
            created_at: event.map(EventId::created_at),
            age_s: event.and_then(age_s),
            is_override: is_override.then_some(true),
        }
    }

    fn reason(&self, id: ReceiverId, state: MemberState, gate: &Gate) -> Option<String> {
        let receiver = Named { id, name: self.names.get(&id) };
        match (state, gate.basis.get(id)) {
            (MemberState::Green { .. }, _) => None,
            (MemberState::Red { event }, _) => Some(words::failed(receiver, event, self.now)),
            (MemberState::Missing, Some(event)) => Some(words::not_indexed(receiver, event)),
            (MemberState::Missing, None) => Some(words::missing(receiver)),
        }
    }
}

/// A receiver in a sentence: `build (01HJ…)`.
struct Named<'a> {
    id: ReceiverId,
    name: Option<&'a ReceiverName>,
}

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name {
            Some(name) => write!(f, "{} ({})", name.name, self.id),
            None => self.id.fmt(f),
        }
    }
}

fn last(gate: &Gate) -> Option<Completion> {
    (gate.completions > 0).then(|| Completion {
        event_id: gate.event.map(|event| event.to_string()),
        completion: gate.completions,
        at: gate.event.map(EventId::created_at),
        events: member_events(&gate.basis),
    })
}

fn member_events(events: &Latest) -> Vec<MemberEvent> {
    let event = |(receiver, event): (ReceiverId, EventId)| MemberEvent {
        event_receiver_id: receiver.to_string(),
        event_id: event.to_string(),
    };
    events.iter().map(event).collect()
}

fn freshness(lag: Option<Lag>) -> Freshness {
    let text = |lag: Lag| lag.measured_at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
    Freshness { lag_ms: lag.map(|lag| lag.lag_ms), measured_at: lag.map(text) }
}

#[cfg(test)]
#[path = "explanation_tests.rs"]
mod tests;
