//! The CloudEvents attributes of an event, which both content modes carry.
//!
//! Names have at most 20 lower-case letters, and no attribute is null, since the official SDKs refuse other ones.
//!
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md#context-attributes>

use std::borrow::Cow;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use xzepr_domain::Event;
use xzepr_settings::PublicBaseUrl;

use crate::{content::CONTENT_TYPE_HEADER, source::source_of};

/// A CloudEvents attribute.
#[derive(Debug)]
pub(crate) struct Attribute<'a> {
    /// Its name in structured content mode, as a member of a JSON object: in quotes, with a colon.
    pub(crate) member: &'static str,
    /// Its header in binary content mode.
    pub(crate) header: &'static str,
    pub(crate) value: Value<'a>,
}

/// The value of an attribute.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    Text(Cow<'a, str>),
    Flag(bool),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<bool> for Value<'_> {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

/// The attribute of a name that is written in the code.
macro_rules! attribute {
    ($name:literal, $value:expr) => {
        attribute!($name, concat!("ce_", $name), $value)
    };
    ($name:literal, $header:expr, $value:expr) => {
        Attribute { member: concat!("\"", $name, "\":"), header: $header, value: $value.into() }
    };
}

/// The characters that RFC 3986 calls unreserved, and the ones to encode, which are all others.
pub(crate) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The attributes of an event, the required ones first. `partition_key` is the record's key if it is not the event's id.
///
/// <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/extensions/partitioning.md>
pub(crate) fn attributes_of<'a>(
    event: &'a Event,
    base_url: Option<&PublicBaseUrl>,
    partition_key: Option<&'a str>,
) -> Vec<Attribute<'a>> {
    let (own, id) = (&event.attributes, event.id.to_string());
    let time = own.time.as_deref().map_or_else(|| event.id.created_at().into(), Value::from);
    let subject = own.subject.as_deref().map_or_else(|| subject_of(event).into(), Value::from);
    let mut attributes = Vec::with_capacity(20);
    attributes.extend([
        attribute!("specversion", "1.0"),
        attribute!("id", id.clone()),
        attribute!("source", source_of(event)),
        attribute!("type", event.message_type()),
        attribute!("time", time),
        attribute!("subject", subject),
        attribute!(
            "datacontenttype",
            CONTENT_TYPE_HEADER,
            own.datacontenttype.as_deref().unwrap_or("application/json")
        ),
    ]);
    let schema = own.dataschema.as_deref().map(Value::from).or_else(|| schema_of(event, base_url?));
    attributes.extend(schema.map(|schema| attribute!("dataschema", schema)));
    attributes.extend([
        attribute!("receiverid", event.event_receiver_id.to_string()),
        attribute!("apiversion", "v1"),
        attribute!("success", event.success),
        attribute!("name", &*event.name),
        attribute!("version", &*event.version),
        attribute!("release", &*event.release),
        attribute!("platformid", &*event.platform_id),
        attribute!("package", &*event.package),
        attribute!("description", &*event.description),
        attribute!("sequence", id),
    ]);
    // The record's key, which the binding for Kafka takes from here.
    attributes.extend(partition_key.map(|key| attribute!("partitionkey", key)));
    attributes.extend(own.traceparent.as_deref().map(|trace| attribute!("traceparent", trace)));
    attributes
}

/// The artifact. Each part is encoded, so that a slash in one of them cannot be mistaken for the one between them.
fn subject_of(event: &Event) -> String {
    let encoded = |text| utf8_percent_encode(text, RESERVED);
    format!("{}/{}", encoded(&event.package), encoded(&event.version))
}

/// Where the receiver's schema is. An event of the registry itself follows no receiver's schema.
fn schema_of(event: &Event, base_url: &PublicBaseUrl) -> Option<Value<'static>> {
    let receiver = event.event_receiver_id;
    event.kind.is_callers().then(|| format!("{base_url}/api/v1/event-receivers/{receiver}/schema").into())
}
