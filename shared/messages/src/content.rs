//! The part of a message that its format decides.

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
