//! Events: a step that a supply chain took, recorded against an event receiver.

use xzepr_json::{InvalidJson, JsonText};
use xzepr_json_schema::{Mismatch, Schema, SchemaError};

use crate::{
    fault::{FaultKind, Rejected},
    id::{EventId, ReceiverId},
    request::RequestReader,
    text::{Description, ShortText},
};

/// The most bytes a payload's text may have.
pub const MAX_PAYLOAD_BYTES: usize = 256 * 1024;

const PAYLOAD: &str = "payload";

/// An accepted event, a caller's or the system's own: exactly what is stored and published.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Made at acceptance; carries the time of creation.
    pub id: EventId,
    /// What happened; the message's `type` as well.
    pub name: ShortText,
    /// The artifact's version.
    pub version: ShortText,
    /// The artifact's release.
    pub release: ShortText,
    /// The platform the artifact is for.
    pub platform_id: ShortText,
    /// The artifact's package.
    pub package: ShortText,
    /// What the step did, for people.
    pub description: Description,
    /// The receiver the event is recorded against; an empty group's own ULID in its created event.
    pub event_receiver_id: ReceiverId,
    /// Whether the step succeeded.
    pub success: bool,
    /// Details, valid against the receiver's schema when they were accepted.
    pub payload: JsonText,
}

/// The body of a POST of an event, read; not accepted yet, since that takes the receiver's schema.
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
}

impl<'a> EventRequest<'a> {
    /// Reads a body. Fails only where it is not one unambiguous JSON object; the faults of its
    /// members are kept for [`accept`](Self::accept).
    pub fn parse(body: &'a str) -> Result<Self, InvalidJson> {
        let mut reader = RequestReader::new(body)?;
        Ok(Self {
            name: reader.text("name"),
            version: reader.text("version"),
            release: reader.text("release"),
            platform_id: reader.text("platform_id"),
            package: reader.text("package"),
            description: reader.text("description"),
            event_receiver_id: reader.id("event_receiver_id"),
            payload: reader.json_up_to(PAYLOAD, MAX_PAYLOAD_BYTES),
            success: reader.flag("success"),
            reader,
        })
    }

    /// The receiver that the event names, where that is an id at all.
    pub fn event_receiver_id(&self) -> Option<ReceiverId> {
        self.event_receiver_id
    }

    /// Accepts the event under `id` if it has no fault; `schema` is that of its receiver, or why it does not
    /// compile any more; `None` where the receiver does not exist.
    pub fn accept(
        mut self,
        schema: Option<Result<&Schema, &SchemaError>>,
        id: EventId,
    ) -> Result<Event, Rejected> {
        if let Some(receiver) = self.event_receiver_id {
            match schema {
                Some(Ok(schema)) => self.check_payload(schema),
                Some(Err(error)) => self.reader.fault(
                    FaultKind::InvalidSchema,
                    "event_receiver_id",
                    format!(
                        "names a receiver whose schema is not accepted any more, declare another: it {error}"
                    ),
                ),
                None => self.reader.fault(
                    FaultKind::UnknownReceiver,
                    "event_receiver_id",
                    format!("names no event receiver: {receiver}"),
                ),
            }
        }
        self.reader.finish(|| {
            Some(Event {
                id,
                name: self.name?,
                version: self.version?,
                release: self.release?,
                platform_id: self.platform_id?,
                package: self.package?,
                description: self.description?,
                event_receiver_id: self.event_receiver_id?,
                success: self.success?,
                payload: self.payload?,
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
                    self.reader.fault_at(FaultKind::PayloadMismatch, PAYLOAD, place, problem);
                }
            }
            Err(error) => self.reader.fault(FaultKind::PayloadTooComplex, PAYLOAD, error.to_string()),
        }
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
    fn success_is_false_unless_it_is_said() {
        assert!(!accept(&body(r#""payload":null"#), "true").unwrap().success);
        assert!(accept(&body(r#""payload":1,"success":true"#), "true").unwrap().success);
    }

    #[test]
    fn members_that_are_unknown_are_ignored() {
        let extras = r#""payload":{},"id":"","created_at":"0001-01-01T00:00:00Z","EventReceiver":{}"#;
        assert!(accept(&body(extras), "true").is_ok());
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
    fn a_payload_that_does_not_match_says_where() {
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
