//! Makes the Kafka message of an event. It does no I/O, and makes the same bytes for every delivery.
//!
//! Each format has a module of its own. Only [`Messages`] chooses the topic and the format.

mod xzepr;

use std::sync::Arc;

use xzepr_domain::{Event, ReplayId};
use xzepr_settings::KafkaSettings;

/// The header that distinguishes a replayed message from a first delivery. Its value is the replay's id.
pub const REPLAY_HEADER: &str = "xzepr-replay";

/// A record for Kafka.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The topic that the record goes to.
    pub topic: Arc<str>,
    /// The record's key: the event's id.
    pub key: String,
    /// The record's value.
    pub value: Vec<u8>,
    /// The record's headers, in order.
    pub headers: Vec<(&'static str, String)>,
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

/// Makes the messages of a deployment.
#[derive(Debug, Clone)]
pub struct Messages {
    topic: Arc<str>,
}

/// The reason why an event has no message. No such event is known.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct NoMessage(#[from] serde_json::Error);

impl Messages {
    /// Messages to the default topic.
    pub fn new(settings: &KafkaSettings) -> Self {
        Self { topic: settings.default_topic.as_str().into() }
    }

    /// The topic that messages go to.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The message of an event.
    pub fn of(&self, event: &Event) -> Result<Message, NoMessage> {
        Ok(Message {
            topic: Arc::clone(&self.topic),
            key: event.id.to_string(),
            value: xzepr::value(event)?,
            headers: Vec::new(),
        })
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
        };
        assert_eq!(message.size(), "key".len() + "value".len() + "name".len() + "header".len());
    }
}
