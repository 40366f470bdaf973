//! The rules of routes as `docs/routes.md` says them, in a simple form.

use xzepr_domain::{Event, EventKind, EventReceiver};
use xzepr_settings::{Field, Format, KeyChoice};

pub(super) const ENVIRONMENT: &str = "prod";

pub(super) const CD_EVENT: &str = r#"{"context":{"specversion":"0.5.0","id":"1","source":"/ci",
    "type":"dev.cdevents.build.finished.0.3.0","timestamp":"2024-01-15T10:30:00Z"},"subject":{"id":"b"}}"#;

/// A value of a condition.
#[derive(Debug, Clone)]
pub(super) enum Glob {
    Exactly(String),
    StartsWith(String),
    OneOf(String, String),
}

impl Glob {
    fn text(&self) -> String {
        match self {
            Self::Exactly(value) => value.clone(),
            Self::StartsWith(start) => format!("{start}*"),
            Self::OneOf(first, second) => format!("{{{first},{second}}}"),
        }
    }

    fn matches(&self, value: &str) -> bool {
        match self {
            Self::Exactly(expected) => value == expected,
            Self::StartsWith(start) => value.starts_with(start.as_str()),
            Self::OneOf(first, second) => [first, second].into_iter().any(|expected| value == expected),
        }
    }
}

#[derive(Debug, Clone)]
pub(super) enum Part {
    Text(&'static str),
    Field(Field),
}

/// A route by the rules of the documentation.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) topic: Vec<Part>,
    pub(super) format: Format,
    pub(super) key: KeyChoice,
    pub(super) when: Vec<(Field, Vec<Glob>)>,
}

/// The record that a route makes of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Expected {
    Sent {
        topic: String,
        key: String,
        has_header: bool,
    },
    DeadLettered,
    /// Only the missing receiver tells whether the route matches.
    Unknown,
    Nothing,
}

/// An event with its receiver, and whether the table has the receiver.
#[derive(Debug, Clone)]
pub(super) struct Given {
    pub(super) event: Event,
    pub(super) receiver: EventReceiver,
    pub(super) is_known: bool,
}

impl Given {
    /// The value of a field, or whether it is only unknown.
    fn value(&self, field: Field) -> Result<String, bool> {
        let event = &self.event;
        let is_group = !matches!(event.kind, EventKind::Event | EventKind::ReceiverCreated);
        Ok(match field {
            Field::ReceiverId | Field::ReceiverType if is_group => return Err(false),
            Field::ReceiverType if !self.is_known => return Err(true),
            Field::ReceiverType => self.receiver.r#type.to_string(),
            Field::ReceiverId => event.event_receiver_id.to_string(),
            Field::Type => event.message_type().to_owned(),
            Field::Name => event.name.to_string(),
            Field::PlatformId => event.platform_id.to_string(),
            Field::Package => event.package.to_string(),
            Field::Environment => ENVIRONMENT.to_owned(),
            Field::Success => event.success.to_string(),
            Field::Kind => event.kind.to_string(),
        })
    }
}

impl Model {
    pub(super) fn json(&self, name: &str) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => (*text).to_owned(),
            Part::Field(field) => format!("{{{field}}}"),
        };
        let topic: String = self.topic.iter().map(part).collect();
        let values = |field: Field, globs: &[Glob]| {
            let text = |glob: &Glob| match field {
                Field::Success => glob.text(),
                _ => format!("{:?}", glob.text()),
            };
            globs.iter().map(text).collect::<Vec<_>>().join(",")
        };
        let when: Vec<_> = self
            .when
            .iter()
            .map(|(field, globs)| format!("\"{field}\":[{}]", values(*field, globs)))
            .collect();
        format!(
            r#"{{"name":"{name}","topic":"{topic}","format":"{}","key":"{}","when":{{{}}}}}"#,
            self.format,
            self.key.as_str(),
            when.join(",")
        )
    }

    pub(super) fn expected(&self, given: &Given) -> Expected {
        let results: Vec<_> = self
            .when
            .iter()
            .map(|(field, globs)| {
                given.value(*field).map(|value| globs.iter().any(|glob| glob.matches(&value)))
            })
            .collect();
        if results.iter().any(|result| matches!(result, Ok(false) | Err(false))) {
            return Expected::Nothing;
        }
        if results.contains(&Err(true)) {
            return Expected::Unknown;
        }
        let event = &given.event;
        if self.format == Format::CdEvents && event.payload.as_str() != CD_EVENT {
            return Expected::Nothing;
        }
        if self.format == Format::Epr
            && !given.is_known
            && matches!(event.kind, EventKind::Event | EventKind::ReceiverCreated)
        {
            return Expected::DeadLettered;
        }
        match self.topic_of(given) {
            Some(topic) => Expected::Sent {
                topic,
                key: self.key_of(event),
                has_header: !matches!(self.format, Format::CloudEvents | Format::CdEvents),
            },
            None => Expected::DeadLettered,
        }
    }

    fn topic_of(&self, given: &Given) -> Option<String> {
        let mut topic = String::new();
        for part in &self.topic {
            match part {
                Part::Text(text) => topic += text,
                Part::Field(field) => {
                    let value = given.value(*field).ok()?;
                    let is_kept = |c: char| c.is_ascii_alphanumeric() || ['.', '_', '-'].contains(&c);
                    topic.extend(value.chars().map(|c| if is_kept(c) { c } else { '_' }));
                }
            }
        }
        let is_refused = ["", ".", "..", "_"].contains(&&*topic) || topic.starts_with("__");
        (!is_refused && topic.len() <= 249).then_some(topic)
    }

    fn key_of(&self, event: &Event) -> String {
        let encoded = |text: &str| {
            text.bytes().fold(String::new(), |encoded, byte| match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    format!("{encoded}{}", char::from(byte))
                }
                other => format!("{encoded}%{other:02X}"),
            })
        };
        match self.key {
            KeyChoice::Id => event.id.to_string(),
            KeyChoice::Receiver => event.event_receiver_id.to_string(),
            KeyChoice::Artifact => {
                [&event.name, &event.version, &event.release, &event.platform_id, &event.package]
                    .map(|part| encoded(part))
                    .join("/")
            }
        }
    }
}
