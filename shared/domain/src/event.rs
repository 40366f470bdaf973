//! Events. An event records one step of a supply chain against an event receiver.

use xzepr_json::{InvalidJson, JsonText};
use xzepr_json_schema::{Mismatch, Schema, SchemaError};

use crate::{
    attributes::Attributes,
    event_kind::EventKind,
    fault::{FaultKind, Rejected},
    id::{EventId, ReceiverId},
    request_reader::RequestReader,
    text::{Description, ShortText},
};

/// The maximum length of a payload's text, in bytes.
pub const MAX_PAYLOAD_BYTES: usize = 256 * 1024;

const PAYLOAD: &str = "payload";

/// An accepted event of a caller or of the system. It is stored and published as it is here.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Made when the request is accepted. It contains the time of creation.
    pub id: EventId,
    /// Whether it is a caller's event or one of the registry's own.
    pub kind: EventKind,
    /// The kind of step. It is also the `type` of the message.
    pub name: ShortText,
    /// The artifact's version.
    pub version: ShortText,
    /// The artifact's release.
    pub release: ShortText,
    /// The platform that the artifact is for.
    pub platform_id: ShortText,
    /// The artifact's package.
    pub package: ShortText,
    /// A description of the step, for people.
    pub description: Description,
    /// The receiver of the event. In the created event of an empty group it is the group's own ULID.
    pub event_receiver_id: ReceiverId,
    /// Whether the step succeeded.
    pub success: bool,
    /// The details of the step. They matched the receiver's schema when the event was accepted.
    pub payload: JsonText,
    /// The CloudEvents attributes that the caller has set.
    pub attributes: Attributes,
}

/// The body of a POST of an event, after it is read. To accept it, the receiver's schema is needed too.
pub struct EventRequest<'a> {
    reader: RequestReader<'a>,
    name: Option<ShortText>,
    version: Option<ShortText>,
    release: Option<ShortText>,
    platform_id: Option<ShortText>,
    package: Option<ShortText>,
    description: Option<Description>,
    event_receiver_id: Option<ReceiverId>,
    payload: Option<JsonText>,
    success: Option<bool>,
    attributes: Attributes,
}

impl<'a> EventRequest<'a> {
    /// Reads a body. Fails only if the body is not one unambiguous JSON object. The faults of its members are kept
    /// for [`accept`](Self::accept).
    pub fn parse(body: &'a str) -> Result<Self, InvalidJson> {
        let mut reader = RequestReader::new(body)?;
        Ok(Self {
            name: reader.read_text("name"),
            version: reader.read_text("version"),
            release: reader.read_text("release"),
            platform_id: reader.read_text("platform_id"),
            package: reader.read_text("package"),
            description: reader.read_text("description"),
            event_receiver_id: reader.read_receiver_id("event_receiver_id"),
            payload: reader.read_json(PAYLOAD, MAX_PAYLOAD_BYTES),
            success: reader.read_flag("success"),
            attributes: read_attributes(&mut reader),
            reader,
        })
    }

    /// The receiver that the event names, if the member is a valid id.
    pub fn event_receiver_id(&self) -> Option<ReceiverId> {
        self.event_receiver_id
    }

    /// Accepts the event under `id` if it has no fault. `schema` is the schema of its receiver, or the error if that
    /// no longer compiles. It is `None` if the receiver does not exist.
    pub fn accept(
        mut self,
        schema: Option<Result<&Schema, &SchemaError>>,
        id: EventId,
    ) -> Result<Event, Rejected> {
        if let Some(receiver) = self.event_receiver_id {
            match schema {
                Some(Ok(schema)) => self.check_payload(schema),
                Some(Err(error)) => self.reader.add_fault(
                    FaultKind::InvalidSchema,
                    "event_receiver_id",
                    format!(
                        "names a receiver whose schema is not accepted any more, declare another: it {error}"
                    ),
                ),
                None => self.reader.add_fault(
                    FaultKind::UnknownReceiver,
                    "event_receiver_id",
                    format!("names no event receiver: {receiver}"),
                ),
            }
        }
        self.reader.finish(|| {
            Some(Event {
                id,
                kind: EventKind::Event,
                name: self.name?,
                version: self.version?,
                release: self.release?,
                platform_id: self.platform_id?,
                package: self.package?,
                description: self.description?,
                event_receiver_id: self.event_receiver_id?,
                success: self.success?,
                payload: self.payload?,
                attributes: self.attributes,
            })
        })
    }

    fn check_payload(&mut self, schema: &Schema) {
        if self.payload.is_none() {
            return;
        }
        match self.reader.check(PAYLOAD, schema) {
            Ok(mismatches) => {
                for Mismatch { place, problem } in mismatches {
                    self.reader.add_fault_at(FaultKind::PayloadMismatch, PAYLOAD, place, problem);
                }
            }
            Err(error) => self.reader.add_fault(FaultKind::PayloadTooComplex, PAYLOAD, error.to_string()),
        }
    }
}

/// The optional members that have the names of CloudEvents attributes.
fn read_attributes(reader: &mut RequestReader<'_>) -> Attributes {
    Attributes {
        time: reader.read_optional("time"),
        subject: reader.read_optional("subject"),
        dataschema: reader.read_optional("dataschema"),
        datacontenttype: reader.read_optional("datacontenttype"),
        traceparent: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECEIVER: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";

    fn body(members: &str) -> String {
        format!(
            r#"{{"name":"n","version":"1","release":"r","platform_id":"p","package":"k",
                "description":"d","event_receiver_id":"{RECEIVER}",{members}}}"#
        )
    }

    fn accept(body: &str, schema: &str) -> Result<Event, Rejected> {
        let schema = Schema::compile(&JsonText::try_from(schema.to_owned()).unwrap()).unwrap();
        EventRequest::parse(body).unwrap().accept(Some(Ok(&schema)), EventId::generate())
    }

    fn faults(rejected: &Rejected) -> Vec<String> {
        rejected.faults.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_payload_is_kept_byte_for_byte() {
        let event = accept(&body(r#""payload": {"z": 1.00,  "a":"\u00e9"} "#), "true").unwrap();
        assert_eq!(event.payload.as_str(), r#"{"z": 1.00,  "a":"\u00e9"}"#);
    }

    #[test]
    fn success_is_false_if_it_is_absent() {
        assert!(!accept(&body(r#""payload":null"#), "true").unwrap().success);
        assert!(accept(&body(r#""payload":1,"success":true"#), "true").unwrap().success);
    }

    #[test]
    fn unknown_members_are_ignored() {
        let extras = r#""payload":{},"id":"","created_at":"0001-01-01T00:00:00Z","EventReceiver":{}"#;
        assert!(accept(&body(extras), "true").is_ok());
    }

    #[test]
    fn cloudevents_attributes_are_kept_and_null_counts_as_absent() {
        let members = r#""payload":{},"time":"2024-01-15T10:30:00+01:00","subject":"myapp/2.1.0",
            "dataschema":"https://example.com/build","datacontenttype":"application/json""#;
        let attributes = accept(&body(members), "true").unwrap().attributes;
        assert_eq!(attributes.time.as_deref(), Some("2024-01-15T10:30:00+01:00"));
        assert_eq!(attributes.subject.as_deref(), Some("myapp/2.1.0"));
        assert_eq!(attributes.dataschema.as_deref(), Some("https://example.com/build"));
        assert_eq!(attributes.datacontenttype.as_deref(), Some("application/json"));
        let nulls = r#""payload":{},"time":null,"subject":null,"dataschema":null,"datacontenttype":null"#;
        assert_eq!(accept(&body(nulls), "true").unwrap().attributes, Attributes::default());
    }

    #[test]
    fn a_wrong_cloudevents_attribute_is_named() {
        let members = r#""payload":{},"time":"2024-01-15T10:30:00","subject":"","dataschema":"schemas/1",
            "datacontenttype":7"#;
        let rejected = accept(&body(members), "true").unwrap_err();
        assert_eq!(
            faults(&rejected),
            [
                "time: must be a time with an offset in RFC 3339, such as 2024-01-15T10:30:00Z",
                "subject: must not be blank",
                "dataschema: must be an absolute URI without a fragment, of at most 2048 characters",
                "datacontenttype: must be a string",
            ]
        );
    }

    #[test]
    fn all_faults_of_a_body_are_reported_at_once() {
        let rejected = accept(r#"{"name":" ","version":1,"success":"yes","event_receiver_id":"x"}"#, "true")
            .unwrap_err();
        assert_eq!(
            faults(&rejected),
            [
                "name: must not be blank",
                "version: must be a string",
                "release: is required",
                "platform_id: is required",
                "package: is required",
                "description: is required",
                "event_receiver_id: must be a ULID (26 characters of Crockford's Base32)",
                "payload: is required",
                "success: must be a boolean",
            ]
        );
    }

    #[test]
    fn an_unknown_receiver_and_a_blank_name_are_reported_together() {
        let text = body(r#""payload":{}"#).replace(r#""name":"n""#, r#""name":"""#);
        let rejected = EventRequest::parse(&text).unwrap().accept(None, EventId::generate()).unwrap_err();
        assert_eq!(
            faults(&rejected),
            ["name: must not be blank", &format!("event_receiver_id: names no event receiver: {RECEIVER}")]
        );
    }

    #[test]
    fn a_payload_mismatch_names_its_place() {
        let rejected = accept(&body(r#""payload":{"n":"x"}"#), r#"{"properties":{"n":{"type":"integer"}}}"#)
            .unwrap_err();
        assert_eq!(rejected.faults[0].kind, FaultKind::PayloadMismatch);
        assert_eq!(faults(&rejected), ["payload/n: must be an integer"]);
    }

    #[test]
    fn a_payload_over_256_kib_is_too_large() {
        let payload = |bytes: usize| body(&format!(r#""payload":"{}""#, "x".repeat(bytes - 2)));
        assert!(accept(&payload(MAX_PAYLOAD_BYTES), "true").is_ok());
        let rejected = accept(&payload(MAX_PAYLOAD_BYTES + 1), "true").unwrap_err();
        assert_eq!(rejected.faults[0].kind, FaultKind::TooLarge);
        assert_eq!(faults(&rejected), ["payload: must have at most 256 KiB"]);
    }
}
