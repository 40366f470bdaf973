//! The event that a record of a topic is of. This is the counterpart of the formats.

use std::borrow::Cow;

use serde::Deserialize;
use xzepr_domain::{Event, EventId, EventKind};
use xzepr_settings::{Format, KeyChoice};

use crate::{Route, epr, wire_header::unframed};

/// The header with the event's id in binary content mode.
///
/// <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md#323-metadata-headers>
const ID_HEADER: &str = "ce_id";

/// The places where the records of a topic have the ids of their events. They follow from the routes that name the topic.
///
/// A route with the key `id` has it in the key, whatever its format is. A route with another key has it in the content.
/// Both keys can be ULIDs, so a reader with routes of both kinds must know the ids of events from those of receivers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IdPlaces {
    key: bool,
    content: bool,
}

/// The ids in the places of one record. An id is that of an event only if there is such an event.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RecordIds {
    /// The id in the key.
    pub key: Option<EventId>,
    /// The id in the content: in the header `ce_id`, else in the member `id` of the value.
    pub content: Option<EventId>,
}

impl IdPlaces {
    /// Adds the place of a route's records.
    pub fn add(&mut self, route: &Route) {
        match route.settings.key {
            KeyChoice::Id => self.key = true,
            KeyChoice::Receiver | KeyChoice::Artifact => self.content = true,
        }
    }

    /// The ids of a record. Its parts can be any bytes, since others may write to the topic.
    pub fn ids<'a>(
        self,
        key: &[u8],
        headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
        value: &[u8],
    ) -> RecordIds {
        RecordIds {
            key: if self.key { id(key) } else { None },
            content: if self.content { content_id(headers, value) } else { None },
        }
    }
}

impl Route {
    /// The id in the content of an event's record, if it is not the event's own. In the format `epr` the record of a
    /// created receiver or group has the id of that. No other record has, since a group may change and be complete many
    /// times.
    pub fn other_content_id(&self, event: &Event) -> Option<EventId> {
        if self.settings.format != Format::Epr {
            return None;
        }
        match event.kind {
            EventKind::Event
            | EventKind::GroupModified
            | EventKind::GroupComplete
            | EventKind::GroupIncomplete => None,
            EventKind::ReceiverCreated => event.event_receiver_id.to_string().parse().ok(),
            EventKind::GroupCreated => epr::group_of(event)?.to_string().parse().ok(),
        }
    }
}

fn content_id<'a>(headers: impl IntoIterator<Item = (&'a str, &'a [u8])>, value: &[u8]) -> Option<EventId> {
    // The value of a record in binary content mode is the payload, whose own `id` is another one.
    match headers.into_iter().find(|(name, _)| *name == ID_HEADER) {
        Some((_, header)) => id(header),
        None => value_id(value),
    }
}

/// The members of a value that a reader needs.
#[derive(Deserialize)]
struct Identified<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

fn value_id(value: &[u8]) -> Option<EventId> {
    let json = unframed(value);
    // Serde also reads a struct from an array.
    if json.trim_ascii_start().first() != Some(&b'{') {
        return None;
    }
    serde_json::from_slice::<Identified<'_>>(json).ok()?.id.parse().ok()
}

fn id(text: &[u8]) -> Option<EventId> {
    str::from_utf8(text).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
