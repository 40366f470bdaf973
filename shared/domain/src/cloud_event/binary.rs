//! The binary content mode: the body is the data, and headers have the attributes.

use xzepr_json::{Json, JsonText};

use super::{AttributeReader, AttributeValue, FindAttribute, NAMES, ReadData, header_value, read};
use crate::event_request::EventRequest;

/// The start of the header of an attribute.
const PREFIX: &str = "ce-";

impl EventRequest<'static> {
    /// Reads a CloudEvent in the binary content mode. `header` finds the bytes of a header's value by its name in lower
    /// case. All faults are kept for [`accept`](Self::accept), under the names
    /// of the CloudEvent's attributes.
    pub fn parse_binary(header: impl Fn(&str) -> Option<Vec<u8>>, body: &str) -> Self {
        read(Binary { header, body })
    }
}

struct Binary<'a, H> {
    header: H,
    body: &'a str,
}

impl<H: Fn(&str) -> Option<Vec<u8>>> FindAttribute for Binary<'_, H> {
    fn find(&self, name: &str) -> Option<AttributeValue> {
        let decoded = match name {
            // HTTP's own header has this attribute, with HTTP's rules.
            "datacontenttype" => {
                String::from_utf8((self.header)("content-type")?).map_err(|_| header_value::NOT_ASCII)
            }
            "source" | "dataschema" => header_value::decode_uri(&(self.header)(&format!("{PREFIX}{name}"))?),
            name => header_value::decode(&(self.header)(&format!("{PREFIX}{name}"))?),
        };
        Some(decoded.map_or_else(AttributeValue::Wrong, AttributeValue::Text))
    }
}

impl<H: Fn(&str) -> Option<Vec<u8>>> ReadData for Binary<'_, H> {
    fn read_data(reader: &mut AttributeReader<Self>) -> Option<(JsonText, Json<'static>)> {
        match reader.source.body {
            "" => reader.refuse(NAMES.payload, "is required"),
            body => reader.json(NAMES.payload, body),
        }
    }
}
