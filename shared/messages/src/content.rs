//! The part of a message that its format decides.

use serde::Serialize;
use xzepr_domain::Event;

/// The value of a message and the headers that belong to it.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) value: Vec<u8>,
    pub(crate) headers: Vec<(&'static str, String)>,
}

/// The header that says how a value is read.
///
/// <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md#3-kafka-message-mapping>
pub(crate) const CONTENT_TYPE_HEADER: &str = "content-type";

/// The content type of a CloudEvent in structured content mode.
pub(crate) const STRUCTURED: &str = "application/cloudevents+json; charset=UTF-8";

/// The room for the bytes around a payload. Texts of common lengths need two thirds of it.
const ENVELOPE_BYTES: usize = 1024;

/// An empty value with room for an event. Without it, a value would be copied each time that it grows.
pub(crate) fn room_for(event: &Event) -> Vec<u8> {
    Vec::with_capacity(event.payload.as_str().len() + ENVELOPE_BYTES)
}

/// The JSON of the envelope around an event's payload.
pub(crate) fn json_of(envelope: &impl Serialize, event: &Event) -> Result<Vec<u8>, serde_json::Error> {
    let mut value = room_for(event);
    serde_json::to_writer(&mut value, envelope)?;
    Ok(value)
}
