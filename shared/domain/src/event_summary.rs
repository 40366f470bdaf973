//! Events without their payloads, as lists have them.

use crate::{
    Event,
    event_kind::EventKind,
    id::{EventId, ReceiverId},
    text::{Description, ShortText},
};

/// The members of an event but its payload and its attributes.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the members are those of Event")]
pub struct EventSummary {
    pub id: EventId,
    pub kind: EventKind,
    pub r#type: Option<ShortText>,
    pub name: ShortText,
    pub version: ShortText,
    pub release: ShortText,
    pub platform_id: ShortText,
    pub package: ShortText,
    pub description: Description,
    pub event_receiver_id: ReceiverId,
    pub success: bool,
    pub is_override: bool,
}

impl From<&Event> for EventSummary {
    fn from(event: &Event) -> Self {
        Self {
            id: event.id,
            kind: event.kind,
            r#type: event.r#type.clone(),
            name: event.name.clone(),
            version: event.version.clone(),
            release: event.release.clone(),
            platform_id: event.platform_id.clone(),
            package: event.package.clone(),
            description: event.description.clone(),
            event_receiver_id: event.event_receiver_id,
            success: event.success,
            is_override: event.is_override,
        }
    }
}
