//! CloudEvents 1.0 as requests to accept an event, in the structured and the binary content mode.
//!
//! - <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>
//! - <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md>
//!
//! An attribute that this registry does not use is ignored. That includes the attributes of its own messages, so that
//! they can be posted again.

mod attribute_reader;
mod binary;
mod header_value;
mod identity;
mod structured;

use attribute_reader::AttributeReader;
pub use identity::{CloudEventId, InvalidSource, Source};
use xzepr_json::{Json, JsonText};

use crate::{
    attributes::Attributes,
    event_request::{EventContent, EventRequest, FieldNames},
};

const NAMES: FieldNames = FieldNames { receiver: "receiverid", payload: "data" };

/// The value of an attribute, as a content mode has it.
pub(crate) enum AttributeValue {
    Text(String),
    /// Only the structured content mode has booleans.
    Flag(bool),
    /// A value that cannot be read, with the rule that it breaks.
    Wrong(&'static str),
}

/// Finds an attribute of a CloudEvent by its name. An unset one is `None`.
pub(crate) trait FindAttribute {
    fn find(&self, name: &str) -> Option<AttributeValue>;
}

/// The data of a CloudEvent, as a content mode has it.
pub(crate) trait ReadData: FindAttribute + Sized {
    /// Reads the data, or adds a fault.
    fn read_data(reader: &mut AttributeReader<Self>) -> Option<(JsonText, Json<'static>)>;
}

/// Reads the attributes and the data of a CloudEvent. All faults are kept for [`EventRequest::accept`].
fn read(source: impl ReadData) -> EventRequest<'static> {
    let mut reader = AttributeReader::new(source);
    reader.require_version();
    let id = reader.required("id");
    let source = reader.required("source");
    let content = EventContent {
        name: reader.required("type"),
        event_receiver_id: reader.receiver_id(NAMES.receiver),
        success: reader.flag("success"),
        version: reader.required("version"),
        release: reader.required("release"),
        platform_id: reader.required("platformid"),
        package: reader.required("package"),
        description: reader.required("description"),
        attributes: Attributes {
            time: reader.optional("time"),
            subject: reader.optional("subject"),
            dataschema: reader.optional("dataschema"),
            datacontenttype: reader.optional("datacontenttype"),
            traceparent: reader.if_valid("traceparent"),
        },
        payload: ReadData::read_data(&mut reader),
    };
    let cloud_event = id.zip(source).map(|(id, source)| CloudEventId { source, id });
    EventRequest::new(content, NAMES, cloud_event, reader.faults)
}

#[cfg(test)]
mod tests;
