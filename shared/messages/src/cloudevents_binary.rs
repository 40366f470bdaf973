//! The `cloudevents-binary` format: CloudEvents 1.0 in binary content mode.
//!
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md#32-binary-content-mode>

use xzepr_domain::Event;
use xzepr_settings::PublicBaseUrl;

use crate::{
    attributes::{Value, attributes_of},
    content::Content,
    message::EVENT_TYPE_HEADER,
};

/// The content of an event's message. Its value is the payload's text. So the payload `null` is four bytes and no null
/// value, which a compacted topic would take for a tombstone.
pub(crate) fn content(event: &Event, base_url: Option<&PublicBaseUrl>) -> Content {
    let header = |value| match value {
        Value::Text(text) => text.into_owned(),
        Value::Flag(flag) => flag.to_string(),
    };
    Content {
        value: event.payload.as_str().into(),
        headers: attributes_of(event, base_url)
            .into_iter()
            .map(|attribute| (attribute.header, header(attribute.value)))
            .chain([(EVENT_TYPE_HEADER, event.name.to_string())])
            .collect(),
    }
}
