//! Makes messages, checks them, and reads them back.

#![expect(
    clippy::disallowed_types,
    reason = "the validator needs it; no generated text has its special name"
)]

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Map, Value, value::RawValue};
use xzepr_domain::{Event, EventReceiver, JsonText, ReplayId};
use xzepr_messages::{Message, Messages, schema_of};
use xzepr_settings::{Format, Settings};

pub(crate) const BASE_URL: &str = "https://registry.example.com/base";

/// An object's members, each as the text that the message has.
pub(crate) type Members = BTreeMap<String, Box<RawValue>>;

/// Messages of a format, and the schema of the format.
pub(crate) struct Bench {
    format: Format,
    messages: Messages,
    schema: Validator,
}

impl Bench {
    pub(crate) fn new(format: Format) -> Self {
        let file = format!("format: {format}\npublic_base_url: {BASE_URL}/\n");
        let settings = Settings::new(|_| None, &file).unwrap();
        let messages = Messages::new(settings.messages().unwrap());
        let schema: Value = serde_json::from_str(schema_of(format)).unwrap();
        assert!(jsonschema::meta::is_valid(&schema));
        let schema = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        Self { format, messages, schema }
    }

    /// The message of an event. It has the event's id as its key, its real size, and fits the schema.
    pub(crate) fn message(&self, event: &Event, receiver: &EventReceiver) -> Message {
        let receiver = self.messages.receiver_of(event).map(|id| {
            assert_eq!(id, receiver.id);
            receiver
        });
        let route = &self.messages.routes()[0];
        let message = self.messages.message(route, event, receiver).unwrap().unwrap();
        assert!(route.has_message(event));
        assert_eq!(
            message,
            self.messages.message(route, event, receiver).unwrap().unwrap(),
            "the same bytes"
        );
        assert_eq!(message.key, event.id.to_string());
        self.check_size(&message);
        self.check_schema(&message);
        let replayed = message.clone().replayed_by(ReplayId::generate());
        assert_eq!((&replayed.value, replayed.headers.len()), (&message.value, message.headers.len() + 1));
        self.check_size(&replayed);
        self.check_schema(&replayed);
        message
    }

    /// The number of bytes that the record has beside the framing of Kafka.
    fn check_size(&self, message: &Message) {
        let headers: String = message.headers.iter().flat_map(|(name, value)| [*name, value]).collect();
        let bytes = [message.key.as_bytes(), &message.value, headers.as_bytes()].concat();
        assert_eq!(message.size(), bytes.len());
    }

    fn check_schema(&self, message: &Message) {
        let checked = Value::Object(self.checked(message));
        let errors: Vec<_> = self.schema.iter_errors(&checked).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:?}\n{checked}", self.format);
    }

    /// The members that the schema of the format describes.
    fn checked(&self, message: &Message) -> Map<String, Value> {
        if self.format == Format::CloudEventsBinary {
            let header = |(name, value): &(&str, String)| ((*name).to_owned(), Value::String(value.clone()));
            message.headers.iter().map(header).collect()
        } else {
            serde_json::from_slice(&message.value).unwrap()
        }
    }

    /// The names of the members that the schema of the format describes.
    pub(crate) fn names(&self, message: &Message) -> Vec<String> {
        self.checked(message).keys().cloned().collect()
    }

    /// Whether the schema accepts the message without this member, unless the member is optional.
    pub(crate) fn accepts_without(&self, message: &Message, name: &str) -> bool {
        let mut members = self.checked(message);
        members.remove(name).unwrap();
        self.schema.is_valid(&Value::Object(members)) && !name.ends_with("dataschema")
    }

    /// Whether the schema accepts the message with this member too.
    pub(crate) fn accepts_with(&self, message: &Message, name: &str) -> bool {
        let mut members = self.checked(message);
        members.insert(name.to_owned(), Value::Null);
        self.schema.is_valid(&Value::Object(members))
    }
}

/// The headers of a message of this type, in a format whose messages have headers of the registry.
pub(crate) fn own_headers(r#type: &str, event: &Event) -> Vec<(&'static str, String)> {
    let trace = event.attributes.traceparent.as_ref().map(|trace| ("traceparent", trace.to_string()));
    let headers = [("xzepr-event-type", r#type.to_owned()), ("xzepr-route", "default".to_owned())];
    headers.into_iter().chain(trace).collect()
}

/// Reads an object without duplicate members.
pub(crate) fn members(json: &str) -> Members {
    JsonText::try_from(json.to_owned()).unwrap().value().unwrap();
    serde_json::from_str(json).unwrap()
}

/// The members of a message's value.
pub(crate) fn value_of(message: &Message) -> Members {
    members(str::from_utf8(&message.value).unwrap())
}

/// Removes a member that must be a string.
pub(crate) fn take_text(members: &mut Members, name: &str) -> String {
    serde_json::from_str(take(members, name).get()).unwrap()
}

/// Removes a member that must be an object.
pub(crate) fn take_members(from: &mut Members, name: &str) -> Members {
    members(take(from, name).get())
}

/// Removes a member.
pub(crate) fn take(members: &mut Members, name: &str) -> Box<RawValue> {
    members.remove(name).ok_or(name).unwrap()
}

/// The `source` of an event's message in each format that names the registry as the producer.
pub(crate) fn source_of(event: &Event) -> String {
    let is_of_gate = event.kind.as_str() == "group.complete" || event.kind.as_str() == "group.incomplete";
    let group = if is_of_gate { "group." } else { "" };
    format!("xzepr.event.receiver.{group}{}", event.event_receiver_id)
}
