//! A record for Kafka.

use std::sync::Arc;

use xzepr_domain::ReplayId;
use xzepr_settings::Compression;

/// The header that distinguishes a replayed message from a first delivery. Its value is the replay's id.
pub const REPLAY_HEADER: &str = "xzepr-replay";

/// The header with the message's `type`. A consumer can filter by it without reading the value.
///
/// A structured CloudEvent has no such header, since Python's SDK makes an attribute of each header.
pub const EVENT_TYPE_HEADER: &str = "xzepr-event-type";

/// The header with the name of the route that made the message. As the header of the type, a structured CloudEvent has
/// none.
pub const ROUTE_HEADER: &str = "xzepr-route";

/// The header of W3C's trace context, with the trace of the event. OpenTelemetry's clients for Kafka read it there. As
/// the header of the type, a structured CloudEvent has none: it has an attribute of the same name.
///
/// <https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/#context-propagation>
pub const TRACEPARENT_HEADER: &str = "traceparent";

/// A record for Kafka.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The topic that the record goes to.
    pub topic: Arc<str>,
    /// The record's key, which the route chooses.
    pub key: String,
    /// The record's value.
    pub value: Vec<u8>,
    /// The record's headers, in order.
    pub headers: Vec<(&'static str, String)>,
    /// How the batch that the record goes in is compressed.
    pub compression: Compression,
}

impl Message {
    /// The size of key, value and headers, in bytes.
    pub fn size(&self) -> usize {
        let headers = self.headers.iter().map(|(name, value)| name.len() + value.len());
        self.key.len() + self.value.len() + headers.sum::<usize>()
    }

    /// Adds the header of a replay.
    #[must_use]
    pub fn replayed_by(mut self, replay: ReplayId) -> Self {
        self.headers.push((REPLAY_HEADER, replay.to_string()));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_a_message_counts_its_headers() {
        let message = Message {
            topic: "topic".into(),
            key: "key".to_owned(),
            value: b"value".to_vec(),
            headers: vec![("name", "header".to_owned())],
            compression: Compression::None,
        };
        assert_eq!(message.size(), "key".len() + "value".len() + "name".len() + "header".len());
    }
}
