//! The plain body of an event: an object of its members.

use xzepr_json::InvalidJson;

use super::{EventContent, EventRequest, FieldNames};
use crate::{attributes::Attributes, event::MAX_PAYLOAD_BYTES, request_reader::RequestReader};

const NAMES: FieldNames = FieldNames { receiver: "event_receiver_id", payload: "payload" };

impl<'b> EventRequest<'b> {
    /// Reads a body. Fails only if the body is not one unambiguous JSON object. The faults of its members are kept
    /// for [`accept`](Self::accept).
    pub fn parse(body: &'b str) -> Result<Self, InvalidJson> {
        let mut reader = RequestReader::new(body)?;
        let content = EventContent {
            name: reader.read_text("name"),
            version: reader.read_text("version"),
            release: reader.read_text("release"),
            platform_id: reader.read_text("platform_id"),
            package: reader.read_text("package"),
            description: reader.read_text("description"),
            event_receiver_id: reader.read_receiver_id(NAMES.receiver),
            payload: reader.take_json(NAMES.payload, MAX_PAYLOAD_BYTES),
            success: reader.read_flag("success"),
            attributes: Attributes {
                time: reader.read_optional("time"),
                subject: reader.read_optional("subject"),
                dataschema: reader.read_optional("dataschema"),
                datacontenttype: reader.read_optional("datacontenttype"),
                traceparent: None,
            },
        };
        Ok(Self::new(content, NAMES, None, reader.faults))
    }
}

#[cfg(test)]
mod tests {
    use xzepr_json_schema::{Budget, Schema};

    use super::*;
    use crate::{Event, EventId, FaultKind, Rejected};

    const RECEIVER: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";

    fn body(members: &str) -> String {
        format!(
            r#"{{"name":"n","version":"1","release":"r","platform_id":"p","package":"k",
                "description":"d","event_receiver_id":"{RECEIVER}",{members}}}"#
        )
    }

    fn accept(body: &str, schema: &str) -> Result<Event, Rejected> {
        let schema = Schema::compile(&crate::JsonText::try_from(schema.to_owned()).unwrap()).unwrap();
        EventRequest::parse(body).unwrap().accept(
            Some(Ok(&schema)),
            EventId::generate(),
            &mut Budget::default(),
        )
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
        let rejected = EventRequest::parse(&text)
            .unwrap()
            .accept(None, EventId::generate(), &mut Budget::default())
            .unwrap_err();
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
