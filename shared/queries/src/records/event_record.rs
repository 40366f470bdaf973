//! An event.

use std::sync::Arc;

use serde::{Serialize, Serializer};
use xzepr_domain::{Attributes, Event, JsonText};

use crate::records::ReceiverRecord;

/// An event as callers read it.
#[derive(Debug, Clone, Serialize)]
pub struct EventRecord {
    /// The ULID.
    pub id: String,
    /// The kind of step.
    pub name: String,
    /// The artifact's version.
    pub version: String,
    /// The artifact's release.
    pub release: String,
    /// The platform that the artifact is for.
    pub platform_id: String,
    /// The artifact's package.
    pub package: String,
    /// A description of the step, for people.
    pub description: String,
    /// The exact text that was sent. A list leaves it out, unless its caller asks for it.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "as_raw")]
    pub payload: Option<JsonText>,
    /// Whether the step succeeded.
    pub success: bool,
    /// The time in the id, as RFC 3339.
    pub created_at: String,
    /// The receiver of the event, or the group of an event of a gate.
    pub event_receiver_id: String,
    /// When the step occurred, if its caller said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The CloudEvents attribute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The CloudEvents attribute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataschema: Option<String>,
    /// The CloudEvents attribute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub datacontenttype: Option<String>,
    /// The `type` of the message, if it is not the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Whether it is a caller's event, or which one of the registry's own.
    pub kind: &'static str,
    /// Whether its caller had the right to override a failure.
    #[serde(rename = "override", skip_serializing_if = "is_false")]
    pub is_override: bool,
    /// The receiver, if the event has one and the question includes it.
    #[serde(rename = "EventReceiver", skip_serializing_if = "Option::is_none", serialize_with = "as_record")]
    pub event_receiver: Option<Arc<ReceiverRecord>>,
}

impl EventRecord {
    /// The whole event, and its receiver if it is given.
    pub fn new(event: Event, event_receiver: Option<Arc<ReceiverRecord>>) -> Self {
        let Attributes { time, subject, dataschema, datacontenttype, traceparent: _ } = event.attributes;
        Self {
            id: event.id.to_string(),
            name: event.name.into(),
            version: event.version.into(),
            release: event.release.into(),
            platform_id: event.platform_id.into(),
            package: event.package.into(),
            description: event.description.into(),
            payload: Some(event.payload),
            success: event.success,
            created_at: event.id.created_at(),
            event_receiver_id: event.event_receiver_id.to_string(),
            time: time.map(|time| time.to_string()),
            subject: subject.map(|subject| subject.to_string()),
            dataschema: dataschema.map(|schema| schema.to_string()),
            datacontenttype: datacontenttype.map(|content_type| content_type.to_string()),
            r#type: event.r#type.map(Into::into),
            kind: event.kind.as_str(),
            is_override: event.is_override,
            event_receiver,
        }
    }
}

/// JSON text without a change of its bytes.
fn as_raw<S: Serializer>(text: &Option<JsonText>, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_ref().map(JsonText::as_raw).serialize(serializer)
}

fn as_record<S: Serializer>(
    receiver: &Option<Arc<ReceiverRecord>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    receiver.as_deref().serialize(serializer)
}

fn is_false(flag: &bool) -> bool {
    !flag
}
