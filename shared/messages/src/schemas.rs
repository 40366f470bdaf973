//! The JSON Schemas of messages.

use xzepr_domain::{Event, EventKind};
use xzepr_settings::Format;

/// The JSON Schema of the values of a format, as text. It is one of draft 7, since not every schema registry can compare
/// two schemas of a later one.
///
/// The schema of [`Format::CloudEventsBinary`] describes the headers instead, as an object of strings, since the value
/// is the payload.
pub fn schema_of(format: Format) -> &'static str {
    match format {
        Format::Xzepr => include_str!("../schemas/xzepr.json"),
        Format::CloudEvents => include_str!("../schemas/cloudevents.json"),
        Format::CloudEventsBinary => include_str!("../schemas/cloudevents-binary.json"),
        Format::Epr => include_str!("../schemas/epr.json"),
        Format::CdEvents => include_str!("../schemas/cdevents.json"),
    }
}

/// The schema that the value of a message follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueSchema {
    /// That of a format, whose values contain the payload.
    Format {
        /// The name of the record.
        record: &'static str,
        /// The schema's text.
        schema: &'static str,
    },
    /// That of a payload which the registry itself writes.
    SystemPayload {
        /// The name of the record.
        record: &'static str,
        /// The schema's text.
        schema: &'static str,
    },
    /// That of the event's receiver.
    ReceiverPayload,
}

impl ValueSchema {
    /// The schema of the values of a format that are no payloads.
    pub fn of_format(format: Format) -> Option<Self> {
        let record = match format {
            Format::Xzepr => "xzepr.message.xzepr",
            Format::CloudEvents => "xzepr.message.cloudevents",
            Format::Epr => "xzepr.message.epr",
            Format::CdEvents => "xzepr.message.cdevents",
            Format::CloudEventsBinary => return None,
        };
        Some(Self::Format { record, schema: schema_of(format) })
    }

    /// The schema of an event's message in a format.
    pub fn of(format: Format, event: &Event) -> Self {
        Self::of_format(format).unwrap_or(match event.kind {
            EventKind::Event => Self::ReceiverPayload,
            EventKind::ReceiverCreated => Self::SystemPayload {
                record: "xzepr.event.receiver.created",
                schema: include_str!("../schemas/receiver-created.json"),
            },
            EventKind::GroupCreated => Self::SystemPayload {
                record: "xzepr.event.receiver.group.created",
                schema: include_str!("../schemas/group-created.json"),
            },
            EventKind::GroupModified => Self::SystemPayload {
                record: "xzepr.event.receiver.group.modified",
                schema: include_str!("../schemas/group-modified.json"),
            },
            EventKind::GroupComplete => Self::SystemPayload {
                record: "xzepr.event.receiver.group.complete",
                schema: include_str!("../schemas/group-complete.json"),
            },
            EventKind::GroupIncomplete => Self::SystemPayload {
                record: "xzepr.event.receiver.group.incomplete",
                schema: include_str!("../schemas/group-incomplete.json"),
            },
        })
    }
}
