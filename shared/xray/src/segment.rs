//! The segment document of a message that was sent.

use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::Serialize;
use xzepr_domain::{EventId, Traceparent};

/// The first line of each datagram to the daemon.
///
/// <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html#xray-api-daemon>
const HEADER: &str = r#"{"format":"json","version":1}"#;

/// The most characters of a segment's name.
const MAX_NAME: usize = 200;

/// The most bytes of a datagram. The document of a segment has at most 64 KB, and a datagram 65,507 bytes.
const MAX_BYTES: usize = 60 * 1024;

/// A message that Kafka acknowledged, with OpenTelemetry's attributes for messaging.
///
/// <https://opentelemetry.io/docs/specs/semconv/messaging/kafka/>
#[derive(Debug, Clone, Copy)]
pub struct SentMessage<'a> {
    /// The trace that the message belongs to, and the span that caused it.
    pub traceparent: &'a Traceparent,
    /// `messaging.destination.name`
    pub topic: &'a str,
    /// `messaging.message.id`: the event's id.
    pub message_id: EventId,
    /// `messaging.kafka.message.key`
    pub key: &'a str,
    /// `server.address`: a bootstrap server.
    pub server: Option<&'a str>,
    /// When the messages of its batch were given to Kafka.
    pub started: SystemTime,
    /// When all of them were acknowledged.
    pub ended: SystemTime,
}

#[derive(Serialize)]
struct Segment<'a> {
    name: &'a str,
    id: String,
    trace_id: String,
    parent_id: &'a str,
    start_time: f64,
    end_time: f64,
    annotations: BTreeMap<&'static str, &'a str>,
    metadata: BTreeMap<&'static str, BTreeMap<&'static str, &'a str>>,
}

impl SentMessage<'_> {
    /// The datagram of the segment with this id. It is `None` if it would be too large.
    ///
    /// The trace's id is the W3C one in X-Ray's spelling. X-Ray's keys of annotations have no dots, so they have
    /// underscores in their place, as OpenTelemetry's exporter for X-Ray writes them.
    ///
    /// <https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html>
    pub(crate) fn datagram(&self, id: u64) -> Option<Vec<u8>> {
        let message_id = self.message_id.to_string();
        let (seconds, rest) = self.traceparent.trace_id().split_at_checked(8)?;
        let name: String = format!("send {}", self.topic).chars().take(MAX_NAME).collect();
        let attributes = [
            ("messaging.system", Some("kafka")),
            ("messaging.operation.type", Some("send")),
            ("messaging.operation.name", Some("send")),
            ("messaging.destination.name", Some(self.topic)),
            ("messaging.message.id", Some(&*message_id)),
            ("messaging.kafka.message.key", Some(self.key)),
            ("server.address", self.server),
        ];
        let attributes = attributes.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let segment = Segment {
            name: &name,
            id: format!("{id:016x}"),
            trace_id: format!("1-{seconds}-{rest}"),
            parent_id: self.traceparent.parent_id(),
            start_time: seconds_of(self.started),
            end_time: seconds_of(self.ended),
            annotations: BTreeMap::from([
                ("messaging_destination_name", self.topic),
                ("messaging_message_id", &*message_id),
            ]),
            metadata: BTreeMap::from([("default", attributes)]),
        };
        let mut datagram = format!("{HEADER}\n").into_bytes();
        serde_json::to_writer(&mut datagram, &segment).ok()?;
        (datagram.len() <= MAX_BYTES).then_some(datagram)
    }
}

/// Seconds since 1970, with a fraction.
fn seconds_of(time: SystemTime) -> f64 {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn datagram(topic: &str, key: &str, server: Option<&str>) -> Option<String> {
        let traceparent =
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".to_owned().try_into().unwrap();
        let started = UNIX_EPOCH + Duration::from_millis(1_705_314_600_250);
        let message = SentMessage {
            traceparent: &traceparent,
            topic,
            message_id: "01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap(),
            key,
            server,
            started,
            ended: started + Duration::from_millis(500),
        };
        message.datagram(0x1f).map(|datagram| String::from_utf8(datagram).unwrap())
    }

    #[test]
    fn a_segment_is_in_the_callers_trace_and_has_the_names_of_opentelemetry() {
        let datagram = datagram("builds", "01HJ1K2M3N4P5Q6R7S8T9V0W1Z", Some("b-1.example.com")).unwrap();
        let expected = concat!(
            "{\"format\":\"json\",\"version\":1}\n",
            r#"{"name":"send builds","id":"000000000000001f","trace_id":"1-4bf92f35-77b34da6a3ce929d0e0e4736","#,
            r#""parent_id":"00f067aa0ba902b7","start_time":1705314600.25,"end_time":1705314600.75,"#,
            r#""annotations":{"messaging_destination_name":"builds","#,
            r#""messaging_message_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z"},"#,
            r#""metadata":{"default":{"messaging.destination.name":"builds","#,
            r#""messaging.kafka.message.key":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","#,
            r#""messaging.message.id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","messaging.operation.name":"send","#,
            r#""messaging.operation.type":"send","messaging.system":"kafka","server.address":"b-1.example.com"}}}"#,
        );
        assert_eq!(datagram, expected);
    }

    #[test]
    fn the_name_of_a_segment_and_its_size_are_bounded() {
        let long = datagram(&"t".repeat(249), "k", None).unwrap();
        assert!(
            long.contains(&format!(r#""name":"send {}","#, "t".repeat(MAX_NAME - "send ".len()))),
            "{long}"
        );
        assert!(!long.contains("server.address"));
        assert_eq!(datagram("builds", &"k".repeat(64 * 1024), None), None);
    }
}
