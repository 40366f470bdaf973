//! CloudEvents attributes of the caller's own: `time`, `subject`, `dataschema`, `datacontenttype` and `traceparent`.
//!
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#context-attributes>

mod content_type;
mod data_schema;
mod time;
mod traceparent;

pub use content_type::{ContentType, InvalidContentType};
pub use data_schema::{DataSchema, InvalidDataSchema};
pub use time::{EventTime, InvalidEventTime};
pub use traceparent::{InvalidTraceparent, Traceparent};

use crate::text::Text;

/// A CloudEvents `subject`: at most 1,000 characters.
pub type Subject = Text<1000>;

/// The attributes that the caller of an event has set. Every format that has a place for them carries them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Attributes {
    /// When the step occurred. The time at which the event was accepted is in its id.
    pub time: Option<EventTime>,
    /// The subject of the event in the context of its source.
    pub subject: Option<Subject>,
    /// The schema that the payload adheres to.
    pub dataschema: Option<DataSchema>,
    /// The media type of the payload.
    pub datacontenttype: Option<ContentType>,
    /// The trace that the event belongs to.
    pub traceparent: Option<Traceparent>,
}

/// Implements the reading side of a type that keeps a text as it was sent.
macro_rules! kept_text {
    ($name:ident) => {
        impl std::ops::Deref for $name {
            type Target = str;

            fn deref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

use kept_text;
