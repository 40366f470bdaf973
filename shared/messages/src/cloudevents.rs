//! The `cloudevents` format: CloudEvents 1.0 in structured content mode.
//!
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>

use serde::{Serialize, Serializer, ser::SerializeMap};
use serde_json::value::RawValue;
use xzepr_domain::Event;
use xzepr_settings::PublicBaseUrl;

use crate::{
    attributes::{Attribute, Value, attributes_of},
    content::{CONTENT_TYPE_HEADER, Content, STRUCTURED},
};

struct Envelope<'a> {
    attributes: Vec<Attribute<'a>>,
    data: &'a RawValue,
}

impl Serialize for Envelope<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(Some(self.attributes.len() + 1))?;
        for Attribute { name, value, .. } in &self.attributes {
            match value {
                Value::Text(text) => members.serialize_entry(name, text)?,
                Value::Flag(flag) => members.serialize_entry(name, flag)?,
            }
        }
        members.serialize_entry("data", self.data)?;
        members.end()
    }
}

/// The content of an event's message.
pub(crate) fn content(event: &Event, base_url: Option<&PublicBaseUrl>) -> Result<Content, serde_json::Error> {
    let envelope = Envelope { attributes: attributes_of(event, base_url), data: event.payload.as_raw() };
    Ok(Content {
        value: serde_json::to_vec(&envelope)?,
        headers: vec![(CONTENT_TYPE_HEADER, STRUCTURED.to_owned())],
    })
}
