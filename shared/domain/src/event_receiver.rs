//! Event receivers. A receiver is a kind of step, with the schema of its events' payloads.

use xzepr_json::{InvalidJson, JsonText};
use xzepr_json_schema::Schema;

use crate::{
    fault::{FaultKind, Rejected},
    fingerprint::{Fingerprint, Identity},
    id::ReceiverId,
    request_reader::RequestReader,
    text::{Description, ShortText},
};

/// The maximum length of a schema's text, in bytes.
pub const MAX_SCHEMA_BYTES: usize = 64 * 1024;

/// An accepted event receiver. It never changes.
#[derive(Debug, Clone, PartialEq)]
pub struct EventReceiver {
    /// Made when the request is accepted. It contains the time of creation.
    pub id: ReceiverId,
    /// The receiver's name.
    pub name: ShortText,
    /// The kind of step, such as `dev.cdevents.artifact.packaged`.
    pub r#type: ShortText,
    /// The receiver's version.
    pub version: ShortText,
    /// A description of the step, for people.
    pub description: Description,
    /// A JSON Schema that compiles.
    pub schema: JsonText,
}

impl EventReceiver {
    /// The public fingerprint: type, description, name and version.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new(&self.r#type, &self.description, &self.name, &self.version)
    }

    /// The identity of the receiver. Two declarations with the same five members, schema text included, have the same
    /// identity and declare one receiver.
    pub fn identity(&self) -> Identity {
        Identity::new([&self.name, &self.r#type, &self.version, &self.description], &self.schema)
    }
}

/// The body of a POST of an event receiver, after it is read.
pub struct EventReceiverRequest<'a> {
    reader: RequestReader<'a>,
    name: Option<ShortText>,
    r#type: Option<ShortText>,
    version: Option<ShortText>,
    description: Option<Description>,
    schema: Option<JsonText>,
}

impl<'a> EventReceiverRequest<'a> {
    /// Reads a body. Fails only if the body is not one unambiguous JSON object. The faults of its members are kept
    /// for [`accept`](Self::accept).
    pub fn parse(body: &'a str) -> Result<Self, InvalidJson> {
        let mut reader = RequestReader::new(body)?;
        Ok(Self {
            name: reader.read_text("name"),
            r#type: reader.read_text("type"),
            version: reader.read_text("version"),
            description: reader.read_text("description"),
            schema: reader.read_json("schema", MAX_SCHEMA_BYTES),
            reader,
        })
    }

    /// Accepts the receiver under `id` if it has no fault and its schema compiles.
    pub fn accept(mut self, id: ReceiverId) -> Result<EventReceiver, Rejected> {
        if let Some(Err(error)) = self.schema.as_ref().map(Schema::compile) {
            self.reader.faults.add(FaultKind::InvalidSchema, "schema", error.to_string());
        }
        self.reader.faults.finish(|| {
            Some(EventReceiver {
                id,
                name: self.name?,
                r#type: self.r#type?,
                version: self.version?,
                description: self.description?,
                schema: self.schema?,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accept(schema: &str) -> Result<EventReceiver, Rejected> {
        let body = format!(r#"{{"name":"n","type":"t","version":"1","description":"d","schema":{schema}}}"#);
        EventReceiverRequest::parse(&body).unwrap().accept(ReceiverId::generate())
    }

    #[test]
    fn the_schema_is_kept_byte_for_byte_and_is_part_of_the_identity() {
        let spaced = accept(r#"{ "type" : "object" }"#).unwrap();
        assert_eq!(spaced.schema.as_str(), r#"{ "type" : "object" }"#);
        let dense = accept(r#"{"type":"object"}"#).unwrap();
        assert_ne!(spaced.identity(), dense.identity());
        assert_eq!(dense.identity(), accept(r#"{"type":"object"}"#).unwrap().identity());
        assert_eq!(spaced.fingerprint(), dense.fingerprint());
    }

    #[test]
    fn a_schema_that_does_not_compile_is_refused_beside_the_other_faults() {
        let body = r#"{"name":"n","type":"","version":"1","description":"d","schema":{"type":12}}"#;
        let rejected = EventReceiverRequest::parse(body).unwrap().accept(ReceiverId::generate()).unwrap_err();
        let kinds: Vec<_> = rejected.faults.iter().map(|fault| (fault.field, fault.kind)).collect();
        assert_eq!(kinds, [("type", FaultKind::InvalidField), ("schema", FaultKind::InvalidSchema)]);
    }

    #[test]
    fn a_schema_over_64_kib_is_too_large() {
        let schema = |bytes: usize| format!(r#"{{"title":"{}"}}"#, "x".repeat(bytes - 12));
        assert!(accept(&schema(MAX_SCHEMA_BYTES)).is_ok());
        assert_eq!(accept(&schema(MAX_SCHEMA_BYTES + 1)).unwrap_err().faults[0].kind, FaultKind::TooLarge);
    }
}
