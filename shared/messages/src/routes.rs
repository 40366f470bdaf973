//! The routes of an event: which of them match, and the topic and the key that each gives to its message.

use std::{borrow::Cow, fmt, sync::Arc};

use percent_encoding::utf8_percent_encode;
use xzepr_domain::{Event, EventReceiver};
use xzepr_settings::{Condition, Field, Format, InvalidTopic, KeyChoice, RouteSettings};

use crate::attributes::RESERVED;

/// Whether a route matches an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The event makes a message.
    Matches,
    /// The event does not fulfil these conditions.
    Differs(Vec<Difference>),
    /// A condition compares the type of the event's receiver, which is missing.
    MissingReceiver,
}

/// The place of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its topic, or the reason why it has none.
    pub topic: Result<Arc<str>, InvalidTopic>,
    /// Its key.
    pub key: String,
}

/// A condition that an event does not fulfil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field.
    pub field: Field,
    /// The values that the route accepts.
    pub expected: String,
    /// The event's value. It is `None` if the event lacks the field.
    pub value: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, expected, value } = self;
        match value {
            Some(value) => write!(f, "{field} is {value:?}, and the route accepts {expected}"),
            None => write!(f, "the event has no {field}, and the route accepts {expected}"),
        }
    }
}

/// The facts that routes decide by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Facts<'a> {
    pub(crate) event: &'a Event,
    /// The event's receiver, if it was read.
    pub(crate) receiver: Option<&'a EventReceiver>,
    pub(crate) environment: Option<&'a str>,
}

impl<'a> Facts<'a> {
    /// The value of a field. It is `None` if the event lacks the field.
    fn value(&self, field: Field) -> Option<Cow<'a, str>> {
        let event = self.event;
        if !field.is_of(event.kind) {
            return None;
        }
        Some(match field {
            Field::Type => Cow::Borrowed(event.message_type()),
            Field::Name => Cow::Borrowed(&*event.name),
            Field::PlatformId => Cow::Borrowed(&*event.platform_id),
            Field::Package => Cow::Borrowed(&*event.package),
            Field::ReceiverId => Cow::Owned(event.event_receiver_id.to_string()),
            Field::ReceiverType => Cow::Borrowed(&*self.receiver?.r#type),
            Field::Environment => Cow::Borrowed(self.environment?),
            Field::Success => Cow::Borrowed(if event.success { "true" } else { "false" }),
            Field::Kind => Cow::Borrowed(event.kind.as_str()),
        })
    }

    fn difference(&self, condition: &Condition) -> Option<Difference> {
        let value = self.value(condition.field);
        let holds = value.as_deref().is_some_and(|value| condition.holds_for(value));
        (!holds).then(|| Difference {
            field: condition.field,
            expected: condition.to_string(),
            value: value.map(Cow::into_owned),
        })
    }

    /// Whether the event has a receiver type that is not known.
    fn misses(&self, field: Field) -> bool {
        field == Field::ReceiverType && self.receiver.is_none() && field.is_of(self.event.kind)
    }
}

/// A route, prepared for many events.
#[derive(Debug, Clone)]
pub struct Route {
    /// Its settings.
    pub settings: RouteSettings,
    /// Its topic, if all events have the same.
    pub fixed_topic: Option<Arc<str>>,
}

impl From<RouteSettings> for Route {
    fn from(settings: RouteSettings) -> Self {
        Self { fixed_topic: settings.topic.fixed_name().map(Into::into), settings }
    }
}

impl Route {
    /// Whether the route needs the receiver of an event: for its conditions, its topic or its format.
    pub fn needs_receiver(&self, event: &Event) -> bool {
        let has_receiver = Field::ReceiverType.is_of(event.kind);
        has_receiver && self.reads_receivers()
    }

    /// Whether the route needs the receivers of callers' events.
    pub(crate) fn reads_receivers(&self) -> bool {
        let by_type = || {
            let compared = self.settings.when.iter().map(|condition| condition.field);
            compared.chain(self.settings.topic.fields()).any(|field| field == Field::ReceiverType)
        };
        self.settings.format == Format::Epr || by_type()
    }

    pub(crate) fn decide(&self, facts: Facts<'_>) -> Decision {
        let (unknown, known): (Vec<_>, Vec<_>) =
            self.settings.when.iter().partition(|condition| facts.misses(condition.field));
        let differences: Vec<_> =
            known.into_iter().filter_map(|condition| facts.difference(condition)).collect();
        match (differences.is_empty(), unknown.is_empty()) {
            (false, _) => Decision::Differs(differences),
            (true, false) => Decision::MissingReceiver,
            (true, true) => Decision::Matches,
        }
    }

    pub(crate) fn target(&self, facts: Facts<'_>) -> Target {
        let topic = match &self.fixed_topic {
            Some(topic) => Ok(Arc::clone(topic)),
            None => self.settings.topic.render(|field| facts.value(field)).map(Into::into),
        };
        Target { topic, key: key_of(facts.event, self.settings.key) }
    }
}

/// The key of an event's message. The parts of an artifact are encoded, so that two artifacts never have one key.
fn key_of(event: &Event, choice: KeyChoice) -> String {
    let encoded = |text| utf8_percent_encode(text, RESERVED);
    match choice {
        KeyChoice::Id => event.id.to_string(),
        KeyChoice::Receiver => event.event_receiver_id.to_string(),
        KeyChoice::Artifact => format!(
            "{}/{}/{}/{}/{}",
            encoded(&event.name),
            encoded(&event.version),
            encoded(&event.release),
            encoded(&event.platform_id),
            encoded(&event.package)
        ),
    }
}

#[cfg(test)]
mod tests;
