//! Messages of gates as they are on the topic.

use local::topic::Record;
use serde_json::Value;

use super::{GateMessage, Ms};

/// The start of the source of a group's messages.
const SOURCE: &str = "xzepr.event.receiver.group.";

impl GateMessage {
    /// Reads a message in the format `xzepr`. It is `None` if the message is not one of a gate.
    pub fn read(record: &Record, arrived: Ms) -> Option<Self> {
        let value: Value = serde_json::from_str(&record.value).ok()?;
        let payload = &value["data"]["payload"];
        let group = value["source"].as_str()?.strip_prefix(SOURCE)?;
        let completion = payload["completion"].as_u64()?;
        let is_complete = payload["events"].is_array();
        let events = payload[if is_complete { "events" } else { "failed" }].as_array()?;
        let text = |event: &Value, name: &str| event[name].as_str().map(str::to_owned);
        let events =
            events.iter().map(|event| Some((text(event, "event_receiver_id")?, text(event, "event_id")?)));
        Some(Self {
            id: record.key.clone(),
            group: group.to_owned(),
            artifact: artifact(&value),
            completion,
            is_complete,
            events: events.collect::<Option<_>>()?,
            arrived,
        })
    }
}

/// The five texts of an artifact, from an event's body or its message.
pub fn artifact(event: &Value) -> String {
    let texts = ["name", "version", "release", "platform_id", "package"];
    texts.map(|name| event[name].as_str().unwrap_or_default()).join(" ")
}
