//! The events of gates: a group is complete for an artifact, or no longer.

use std::collections::BTreeSet;

use serde::Serialize;
use xzepr_json::JsonText;

use super::Latest;
use crate::{
    artifact::Artifact, attributes::Attributes, event::Event, event_kind::EventKind,
    event_receiver_group::EventReceiverGroup, id::EventId, text::Description,
};

#[derive(Serialize)]
struct Group<'a> {
    group_id: String,
    name: &'a str,
    r#type: &'a str,
    version: &'a str,
    description: &'a str,
    completion: u64,
}

#[derive(Serialize)]
struct Complete<'a> {
    #[serde(flatten)]
    group: Group<'a>,
    /// The latest of the events: the one that completed the group.
    trigger_event_id: Option<String>,
    events: Vec<MemberEvent>,
}

#[derive(Serialize)]
struct Incomplete<'a> {
    #[serde(flatten)]
    group: Group<'a>,
    failed: Vec<MemberEvent>,
    /// All receivers of the group, in its order.
    receiver_ids: Vec<String>,
}

#[derive(Serialize)]
struct MemberEvent {
    event_receiver_id: String,
    event_id: String,
    #[serde(rename = "override", skip_serializing_if = "is_false")]
    is_override: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Event {
    /// A group is complete for an artifact. `basis` has the event of each member.
    pub(super) fn group_complete(
        group: &EventReceiverGroup,
        artifact: &Artifact,
        completion: u64,
        basis: &Latest,
        overrides: &BTreeSet<EventId>,
        id: EventId,
    ) -> Self {
        let trigger = basis.iter().map(|(_, event)| event).max();
        let payload = JsonText::written(&Complete {
            group: group_members(group, completion),
            trigger_event_id: trigger.map(|event| event.to_string()),
            events: member_events(basis, overrides),
        });
        gate_event(group, artifact, EventKind::GroupComplete, "is complete", payload, id)
    }

    /// A group is no longer complete for an artifact, since these events failed.
    pub(super) fn group_incomplete(
        group: &EventReceiverGroup,
        artifact: &Artifact,
        completion: u64,
        failed: &Latest,
        id: EventId,
    ) -> Self {
        let payload = JsonText::written(&Incomplete {
            group: group_members(group, completion),
            failed: member_events(failed, &BTreeSet::new()),
            receiver_ids: group.event_receiver_ids.iter().map(ToString::to_string).collect(),
        });
        gate_event(group, artifact, EventKind::GroupIncomplete, "is no longer complete", payload, id)
    }
}

fn group_members(group: &EventReceiverGroup, completion: u64) -> Group<'_> {
    Group {
        group_id: group.id.to_string(),
        name: &group.name,
        r#type: &group.r#type,
        version: &group.version,
        description: &group.description,
        completion,
    }
}

fn member_events(events: &Latest, overrides: &BTreeSet<EventId>) -> Vec<MemberEvent> {
    let member = |(receiver, event)| MemberEvent {
        event_receiver_id: ToString::to_string(&receiver),
        event_id: ToString::to_string(&event),
        is_override: overrides.contains(&event),
    };
    events.iter().map(member).collect()
}

fn gate_event(
    group: &EventReceiverGroup,
    artifact: &Artifact,
    kind: EventKind,
    state: &str,
    payload: JsonText,
    id: EventId,
) -> Event {
    let Artifact { name, version, release, platform_id, package } = artifact.clone();
    Event {
        id,
        kind,
        r#type: Some(group.r#type.clone()),
        name,
        version,
        release,
        platform_id,
        package,
        description: Description::composed(format!("Event receiver group '{}' {state}", group.name)),
        event_receiver_id: group.id.into(),
        success: kind == EventKind::GroupComplete,
        is_override: false,
        payload,
        attributes: Attributes::default(),
    }
}
