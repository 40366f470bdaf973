//! The `epr` format: the messages of the Event Provenance Registry (EPR), which its Go consumers decode into their own
//! structs.
//!
//! Members and their order are EPR's. Where EPR writes null for an empty array, this format has an empty array, since
//! other consumers of such messages refuse null.
//!
//! <https://github.com/sassoftware/event-provenance-registry/blob/main/pkg/message/message.go>

mod groups;
mod records;

use std::slice;

use groups::GroupRecord;
use records::{EventRecord, ReceiverRecord};
use serde::Serialize;
use xzepr_domain::{Event, EventKind, EventReceiver, GroupId};

use crate::{content::Content, message::EVENT_TYPE_HEADER, messages::NoMessage};

#[derive(Serialize)]
struct Envelope<'a> {
    success: bool,
    id: &'a str,
    specversion: &'static str,
    r#type: &'a str,
    source: &'static str,
    api_version: &'static str,
    name: &'a str,
    version: &'a str,
    release: &'a str,
    platform_id: &'a str,
    package: &'a str,
    data: Data<'a>,
}

#[derive(Default, Serialize)]
struct Data<'a> {
    events: &'a [EventRecord<'a>],
    event_receivers: &'a [ReceiverRecord<'a>],
    event_receiver_groups: &'a [GroupRecord],
}

/// The group whose creation an event reports. It is `None` if the payload cannot be read.
pub(crate) fn group_of(event: &Event) -> Option<GroupId> {
    GroupRecord::created_by(event).ok()?.id.parse().ok()
}

/// The content of an event's message. `receiver` is the event's own. The event of a group needs none.
pub(crate) fn content(event: &Event, receiver: Option<&EventReceiver>) -> Result<Content, NoMessage> {
    let receiver = || {
        let receiver = receiver.filter(|receiver| receiver.id == event.event_receiver_id);
        receiver.map(ReceiverRecord::new).ok_or(NoMessage::MissingReceiver)
    };
    match event.kind {
        EventKind::Event => of_event(event, &receiver()?),
        EventKind::ReceiverCreated => of_created_receiver(&receiver()?),
        EventKind::GroupCreated => of_created_group(&GroupRecord::created_by(event)?),
        EventKind::GroupModified => of_modified_group(event, &GroupRecord::modified_by(event)?),
        EventKind::GroupComplete => of_gate(event, &GroupRecord::completed_by(event)?),
        EventKind::GroupIncomplete => of_gate(event, &GroupRecord::broken_by(event)?),
    }
}

fn of_event(event: &Event, receiver: &ReceiverRecord<'_>) -> Result<Content, NoMessage> {
    let record = EventRecord::new(event, receiver);
    write(&Envelope {
        success: event.success,
        r#type: receiver.r#type,
        release: &event.release,
        platform_id: &event.platform_id,
        package: &event.package,
        data: Data {
            events: slice::from_ref(&record),
            event_receivers: slice::from_ref(receiver),
            ..Data::default()
        },
        ..of_entity(&record.id, &event.name, &event.version)
    })
}

fn of_created_receiver(receiver: &ReceiverRecord<'_>) -> Result<Content, NoMessage> {
    write(&Envelope {
        r#type: "epr.event.receiver.created",
        release: &receiver.created_at,
        package: "event.receiver",
        data: Data { event_receivers: slice::from_ref(receiver), ..Data::default() },
        ..of_entity(&receiver.id, receiver.name, receiver.version)
    })
}

fn of_created_group(group: &GroupRecord) -> Result<Content, NoMessage> {
    write(&Envelope {
        r#type: "epr.event.receiver.group.created",
        release: &group.created_at,
        package: "event.receiver.group",
        data: Data { event_receiver_groups: slice::from_ref(group), ..Data::default() },
        ..of_entity(&group.id, &group.name, &group.version)
    })
}

/// Unlike that of a created group, the message has the id of its event, since a group can be modified many times and each
/// message has an id of its own.
fn of_modified_group(event: &Event, group: &GroupRecord) -> Result<Content, NoMessage> {
    write(&Envelope {
        r#type: "epr.event.receiver.group.modified",
        release: &event.id.created_at(),
        package: "event.receiver.group",
        data: Data { event_receiver_groups: slice::from_ref(group), ..Data::default() },
        ..of_entity(&event.id.to_string(), &group.name, &group.version)
    })
}

/// The message of a group that is complete for an artifact, or no longer complete. Watchers of EPR select it by the type
/// of the group, and read the artifact beside it.
fn of_gate(event: &Event, group: &GroupRecord) -> Result<Content, NoMessage> {
    write(&Envelope {
        success: event.success,
        r#type: &group.r#type,
        release: &event.release,
        platform_id: &event.platform_id,
        package: &event.package,
        data: Data { event_receiver_groups: slice::from_ref(group), ..Data::default() },
        ..of_entity(&event.id.to_string(), &event.name, &event.version)
    })
}

/// The members that all messages share, and empty ones in the place of the others.
fn of_entity<'a>(id: &'a str, name: &'a str, version: &'a str) -> Envelope<'a> {
    Envelope {
        success: true,
        id,
        specversion: "1.0",
        r#type: "",
        source: "epr",
        api_version: "v1",
        name,
        version,
        release: "",
        platform_id: "event-provenance-registry",
        package: "",
        data: Data::default(),
    }
}

fn write(envelope: &Envelope<'_>) -> Result<Content, NoMessage> {
    Ok(Content {
        value: serde_json::to_vec(envelope)?,
        headers: vec![(EVENT_TYPE_HEADER, envelope.r#type.to_owned())],
    })
}

#[cfg(test)]
mod tests;
