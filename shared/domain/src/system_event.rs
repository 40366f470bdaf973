//! System events: ordinary events by which the registry itself informs consumers.

use serde::Serialize;
use xzepr_json::JsonText;

use crate::{
    attributes::Attributes,
    event::Event,
    event_kind::EventKind,
    event_receiver::EventReceiver,
    event_receiver_group::EventReceiverGroup,
    id::{EventId, ReceiverId},
    text::{Description, ShortText},
};

pub(crate) const RECEIVER_CREATED: &str = "xzepr.event.receiver.created";
pub(crate) const GROUP_CREATED: &str = "xzepr.event.receiver.group.created";
const GROUP_MODIFIED: &str = "xzepr.event.receiver.group.modified";
pub(crate) const SYSTEM_RELEASE: &str = "system";
pub(crate) const SYSTEM_PLATFORM_ID: &str = "xzepr";
pub(crate) const SYSTEM_PACKAGE: &str = "xzepr.system";

#[derive(Serialize)]
struct ReceiverCreated<'a> {
    receiver_id: String,
    name: &'a str,
    r#type: &'a str,
    version: &'a str,
    fingerprint: String,
    description: &'a str,
}

/// The payload of a created or modified group.
#[derive(Serialize)]
struct GroupPayload<'a> {
    group_id: String,
    name: &'a str,
    r#type: &'a str,
    version: &'a str,
    description: &'a str,
    enabled: bool,
    receiver_ids: Vec<String>,
    receiver_count: usize,
}

impl Event {
    /// `xzepr.event.receiver.created`
    pub fn receiver_created(receiver: &EventReceiver, id: EventId) -> Self {
        system_event(
            id,
            EventKind::ReceiverCreated,
            RECEIVER_CREATED,
            format!("Event receiver '{}' created", receiver.name),
            receiver.id,
            &ReceiverCreated {
                receiver_id: receiver.id.to_string(),
                name: &receiver.name,
                r#type: &receiver.r#type,
                version: &receiver.version,
                fingerprint: receiver.fingerprint().to_string(),
                description: &receiver.description,
            },
        )
    }

    /// `xzepr.event.receiver.group.created`. Its receiver is the first one of the group. If the group has none, its own
    /// id is used.
    pub fn group_created(group: &EventReceiverGroup, id: EventId) -> Self {
        group_event(group, id, EventKind::GroupCreated, GROUP_CREATED, "created")
    }

    /// `xzepr.event.receiver.group.modified`: the group was enabled or disabled. It has the members of the created event.
    pub fn group_modified(group: &EventReceiverGroup, id: EventId) -> Self {
        group_event(group, id, EventKind::GroupModified, GROUP_MODIFIED, "modified")
    }
}

fn group_event(group: &EventReceiverGroup, id: EventId, kind: EventKind, name: &str, verb: &str) -> Event {
    system_event(
        id,
        kind,
        name,
        format!("Event receiver group '{}' {verb}", group.name),
        group.event_receiver_ids.first().copied().unwrap_or(group.id.into()),
        &GroupPayload {
            group_id: group.id.to_string(),
            name: &group.name,
            r#type: &group.r#type,
            version: &group.version,
            description: &group.description,
            enabled: group.enabled,
            receiver_ids: group.event_receiver_ids.iter().map(ToString::to_string).collect(),
            receiver_count: group.event_receiver_ids.len(),
        },
    )
}

fn system_event(
    id: EventId,
    kind: EventKind,
    name: &str,
    description: String,
    event_receiver_id: ReceiverId,
    payload: &impl Serialize,
) -> Event {
    Event {
        id,
        kind,
        r#type: None,
        name: ShortText::composed(name),
        version: ShortText::composed("1.0.0"),
        release: ShortText::composed(SYSTEM_RELEASE),
        platform_id: ShortText::composed(SYSTEM_PLATFORM_ID),
        package: ShortText::composed(SYSTEM_PACKAGE),
        description: Description::composed(description),
        event_receiver_id,
        success: true,
        is_override: false,
        payload: JsonText::written(payload),
        attributes: Attributes::default(),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::{
        event_receiver::EventReceiverRequest, event_receiver_group::EventReceiverGroupRequest, id::GroupId,
    };

    #[test]
    fn the_event_of_a_created_receiver_has_its_members_in_order() {
        let body = r#"{"name":"watcher-workshop","type":"foo.bar","version":"1.0.0",
            "description":"The event receiver of Brixton","schema":{}}"#;
        let id: ReceiverId = "01HJ1K2M3N4P5Q6R7S8T9V0W1X".parse().unwrap();
        let receiver = EventReceiverRequest::parse(body).unwrap().accept(id).unwrap();
        let event = Event::receiver_created(&receiver, EventId::generate());
        assert_eq!(&*event.name, "xzepr.event.receiver.created");
        assert_eq!(&*event.description, "Event receiver 'watcher-workshop' created");
        assert_eq!(event.event_receiver_id, id);
        assert_snapshot!(
            event.payload.as_str(),
            @r#"{"receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","name":"watcher-workshop","type":"foo.bar","version":"1.0.0","fingerprint":"sha256:b183c34c7ba56b17f89dfe0c0b22c0a340889cae88d8e87a3f16bc5bdc8f7acb","description":"The event receiver of Brixton"}"#
        );
    }

    #[test]
    fn the_event_of_an_empty_group_names_the_group_as_its_receiver() {
        let body = r#"{"name":"gate","type":"t","version":"2","description":"d","event_receiver_ids":[]}"#;
        let id: GroupId = "01HJ1K2M3N4P5Q6R7S8T9V0W1Y".parse().unwrap();
        let group = EventReceiverGroupRequest::parse(body).unwrap().accept(&Default::default(), id).unwrap();
        let event = Event::group_created(&group, EventId::generate());
        assert_eq!(event.event_receiver_id.to_string(), id.to_string());
        assert_snapshot!(
            event.payload.as_str(),
            @r#"{"group_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"gate","type":"t","version":"2","description":"d","enabled":false,"receiver_ids":[],"receiver_count":0}"#
        );
    }
}
