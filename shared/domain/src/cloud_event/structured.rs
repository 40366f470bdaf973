//! The structured content mode: one JSON object has the attributes and the data.
//!
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>

use base64::{Engine, prelude::BASE64_STANDARD};
use xzepr_json::{InvalidJson, Json, JsonText, Members};

use super::{AttributeReader, AttributeValue, FindAttribute, NAMES, ReadData, read};
use crate::event_request::EventRequest;

const DATA_BASE64: &str = "data_base64";

impl EventRequest<'static> {
    /// Reads a CloudEvent in the structured content mode. Fails only if the text is not one unambiguous JSON object.
    /// All faults are kept for [`accept`](Self::accept), under the names of the CloudEvent's attributes.
    pub fn parse_structured(text: &str) -> Result<Self, InvalidJson> {
        Ok(read(Structured(Members::parse(text)?)))
    }
}

struct Structured<'a>(Members<'a>);

impl FindAttribute for Structured<'_> {
    fn find(&self, name: &str) -> Option<AttributeValue> {
        match self.0.get(name)?.value {
            Json::Null => None,
            Json::String(text) => Some(AttributeValue::Text(text.to_string())),
            Json::Bool(flag) => Some(AttributeValue::Flag(*flag)),
            _ => Some(AttributeValue::Wrong("must be a string")),
        }
    }
}

impl ReadData for Structured<'_> {
    /// The text of `data` is kept byte for byte. Some SDKs send data that they have as bytes in `data_base64`.
    fn read_data(reader: &mut AttributeReader<Self>) -> Option<(JsonText, Json<'static>)> {
        let encoded = reader.source.find(DATA_BASE64);
        let members = &mut reader.source.0;
        let text = members.get(NAMES.payload).map(|data| data.text.get().len());
        match (text, encoded) {
            (None, None) => reader.refuse(NAMES.payload, "is required"),
            (Some(_), Some(_)) => reader.refuse(DATA_BASE64, "must not be there together with data"),
            (Some(bytes), None) if bytes > crate::MAX_PAYLOAD_BYTES => {
                reader.faults.add_too_large(NAMES.payload, crate::MAX_PAYLOAD_BYTES);
                None
            }
            (Some(_), None) => {
                members.take(NAMES.payload).map(|(value, text)| (text.into(), value.to_static()))
            }
            (None, Some(AttributeValue::Text(encoded))) => {
                let decoded = BASE64_STANDARD.decode(encoded).ok();
                match decoded.and_then(|bytes| String::from_utf8(bytes).ok()) {
                    Some(text) => reader.json(DATA_BASE64, &text),
                    None => reader.refuse(DATA_BASE64, "must be the Base64 of JSON in UTF-8"),
                }
            }
            (None, Some(_)) => reader.refuse(DATA_BASE64, "must be a string"),
        }
    }
}
