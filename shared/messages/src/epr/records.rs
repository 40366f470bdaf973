//! Events and receivers as EPR's REST API and its messages have them.

use serde::Serialize;
use serde_json::value::RawValue;
use xzepr_domain::{Event, EventReceiver};

/// The start of our fingerprints, which EPR's do not have. Consumers compare fingerprints as text.
const FINGERPRINT_PREFIX: &str = "sha256:";

#[derive(Serialize)]
pub(super) struct EventRecord<'a> {
    pub(super) id: String,
    name: &'a str,
    version: &'a str,
    release: &'a str,
    platform_id: &'a str,
    package: &'a str,
    description: &'a str,
    payload: &'a RawValue,
    success: bool,
    created_at: String,
    event_receiver_id: &'a str,
    #[serde(rename = "EventReceiver")]
    event_receiver: &'a ReceiverRecord<'a>,
}

impl<'a> EventRecord<'a> {
    pub(super) fn new(event: &'a Event, receiver: &'a ReceiverRecord<'a>) -> Self {
        Self {
            id: event.id.to_string(),
            name: &event.name,
            version: &event.version,
            release: &event.release,
            platform_id: &event.platform_id,
            package: &event.package,
            description: &event.description,
            payload: event.payload.as_raw(),
            success: event.success,
            created_at: event.id.created_at(),
            event_receiver_id: &receiver.id,
            event_receiver: receiver,
        }
    }
}

#[derive(Serialize)]
pub(super) struct ReceiverRecord<'a> {
    pub(super) id: String,
    pub(super) name: &'a str,
    pub(super) r#type: &'a str,
    pub(super) version: &'a str,
    description: &'a str,
    schema: &'a RawValue,
    fingerprint: String,
    pub(super) created_at: String,
}

impl<'a> ReceiverRecord<'a> {
    pub(super) fn new(receiver: &'a EventReceiver) -> Self {
        Self {
            id: receiver.id.to_string(),
            name: &receiver.name,
            r#type: &receiver.r#type,
            version: &receiver.version,
            description: &receiver.description,
            schema: receiver.schema.as_raw(),
            fingerprint: receiver.fingerprint().to_string().replacen(FINGERPRINT_PREFIX, "", 1),
            created_at: receiver.id.created_at(),
        }
    }
}
