//! Chooses the topic and the format of messages.

use std::sync::Arc;

use xzepr_domain::{Event, EventKind, EventReceiver, ReceiverId};
use xzepr_settings::{Compression, Format, KafkaSettings, MessageSettings, PublicBaseUrl};

use crate::{cdevents, cloudevents, cloudevents_binary, content::Content, epr, message::Message, xzepr};

/// Makes the messages of a deployment.
#[derive(Debug, Clone)]
pub struct Messages {
    topic: Arc<str>,
    compression: Compression,
    format: Format,
    public_base_url: Option<PublicBaseUrl>,
}

/// The reason why an event has no message although its format has one for such an event.
#[derive(Debug, thiserror::Error)]
pub enum NoMessage {
    /// The message contains the event's receiver, and the receiver is missing.
    #[error("its event receiver is not in the table, or its item cannot be read")]
    MissingReceiver,
    /// The payload of a system event has not the members that the registry itself writes.
    #[error("it is a system event, and its payload cannot be read")]
    InvalidSystemEvent,
    /// The message cannot be written. No such event is known.
    #[error(transparent)]
    Unwritable(#[from] serde_json::Error),
}

impl Messages {
    /// Messages to the default topic.
    pub fn new(kafka: &KafkaSettings, messages: &MessageSettings) -> Self {
        Self {
            topic: kafka.default_topic.as_str().into(),
            compression: kafka.compression,
            format: messages.format,
            public_base_url: messages.public_base_url.clone(),
        }
    }

    /// The topic that messages go to.
    pub fn topic(&self) -> &str {
        &self.topic
    }

    /// The receiver that the message needs beside the event. It is `None` if the event is enough.
    pub fn receiver_of(&self, event: &Event) -> Option<ReceiverId> {
        let has_receiver = matches!(event.kind, EventKind::Event | EventKind::ReceiverCreated);
        (self.format == Format::Epr && has_receiver).then_some(event.event_receiver_id)
    }

    /// Whether the format has a message for such an event. Only `cdevents` has none for some events.
    pub fn has_message(&self, event: &Event) -> bool {
        self.format != Format::CdEvents || cdevents::has_content(event)
    }

    /// The message of an event. `receiver` is the one that [`receiver_of`](Self::receiver_of) asks for. The result is
    /// `None` if the format has [no message](Self::has_message) for such an event.
    pub fn of(&self, event: &Event, receiver: Option<&EventReceiver>) -> Result<Option<Message>, NoMessage> {
        let base_url = self.public_base_url.as_ref();
        let content = match self.format {
            Format::Xzepr => Some(xzepr::content(event)?),
            Format::CloudEvents => Some(cloudevents::content(event, base_url)?),
            Format::CloudEventsBinary => Some(cloudevents_binary::content(event, base_url)),
            Format::Epr => Some(epr::content(event, receiver)?),
            Format::CdEvents => cdevents::content(event)?,
        };
        Ok(content.map(|Content { value, headers }| Message {
            topic: Arc::clone(&self.topic),
            key: event.id.to_string(),
            value,
            headers,
            compression: self.compression,
        }))
    }
}

#[cfg(test)]
mod tests {
    use xzepr_fixtures::{event, group, receiver};
    use xzepr_settings::Settings;

    use super::*;

    fn messages(format: Format) -> Messages {
        let settings = Settings::new(|_| None, &format!("format: {format}\n")).unwrap();
        Messages::new(&settings.kafka().unwrap(), &settings.messages().unwrap())
    }

    #[test]
    fn only_the_format_epr_asks_for_a_receiver() {
        let id = event().id;
        let created_receiver = Event::receiver_created(&receiver(), id);
        for format in Format::ALL {
            let messages = messages(format);
            let needed = (format == Format::Epr).then_some(receiver().id);
            assert_eq!(messages.receiver_of(&event()), needed, "{format}");
            assert_eq!(messages.receiver_of(&created_receiver), needed, "{format}");
            assert_eq!(messages.receiver_of(&Event::group_created(&group(), id)), None, "{format}");
        }
    }

    #[test]
    fn an_event_has_a_message_in_every_format_but_cdevents() {
        for format in Format::ALL {
            let (messages, event) = (messages(format), event());
            let message = messages.of(&event, Some(&receiver())).unwrap();
            assert_eq!(message.is_some(), format != Format::CdEvents, "{format}");
            assert_eq!(messages.has_message(&event), message.is_some(), "{format}");
            if let Some(message) = message {
                assert_eq!((&*message.topic, message.key), ("xzepr.dev.events", event.id.to_string()));
            }
        }
    }

    #[test]
    fn a_missing_receiver_is_named_as_the_reason() {
        let error = messages(Format::Epr).of(&event(), None).unwrap_err();
        assert_eq!(error.to_string(), "its event receiver is not in the table, or its item cannot be read");
    }
}
