//! A CloudEvent becomes the event of the plain body with the same content, in each content mode.

use std::{collections::BTreeMap, fmt::Write};

use proptest::prelude::*;
use xzepr_domain::{Budget, Caller, Event, EventId, EventRequest, JsonText, Schema};

use crate::cases;

const ID: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1Z";
const RECEIVER: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";
const PAYLOADS: &[&str] = &["{}", "null", r#"[1, {"a": 1.00}]"#, r#""é""#, "1e3", "12345678901234567890"];
const TIMES: &[&str] = &["2024-01-15T10:30:00Z", "2024-01-15T10:30:00.120+02:00"];
const SCHEMAS: &[&str] = &["https://example.com/build?v=1", "urn:example:build"];

/// The attributes of a valid event by their names in CloudEvents, and its data.
#[derive(Debug, Clone)]
struct Content {
    attributes: BTreeMap<&'static str, String>,
    success: Option<bool>,
    data: &'static str,
}

/// A text that is not blank and has no control characters.
fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,20}", "\\PC{0,20}", "[\"\\\\%;,€😀 ]{0,8}"].prop_map(|text| format!("x{text}x"))
}

fn content() -> impl Strategy<Value = Content> {
    let names = ["id", "type", "version", "release", "platformid", "package", "description"];
    let optional = |values: &'static [&'static str]| proptest::option::of(proptest::sample::select(values));
    let texts = proptest::collection::vec(text(), names.len());
    let data = proptest::sample::select(PAYLOADS);
    (texts, proptest::option::of(text()), optional(TIMES), optional(SCHEMAS), any::<Option<bool>>(), data)
        .prop_map(move |(texts, subject, time, dataschema, success, data)| {
            let mut attributes: BTreeMap<_, _> = names.into_iter().zip(texts).collect();
            let fixed = [("specversion", "1.0"), ("source", "/ci"), ("receiverid", RECEIVER)];
            attributes.extend(fixed.map(|(name, value)| (name, value.to_owned())));
            attributes.insert("datacontenttype", "application/json".to_owned());
            let optional = [
                ("subject", subject),
                ("time", time.map(str::to_owned)),
                ("dataschema", dataschema.map(str::to_owned)),
            ];
            attributes.extend(optional.into_iter().filter_map(|(name, value)| Some((name, value?))));
            Content { attributes, success, data }
        })
}

impl Content {
    /// One JSON object with the attributes under the names that `rename` gives them.
    fn object(&self, data: &str, rename: impl Fn(&'static str) -> Option<&'static str>) -> String {
        let member = |(name, value): (&&'static str, &String)| {
            Some(format!("{:?}:{},", rename(name)?, JsonText::written(value).as_str()))
        };
        let mut object: String = self.attributes.iter().filter_map(member).collect();
        if let Some(success) = self.success {
            write!(object, "\"success\":{success},").unwrap();
        }
        format!("{{{object}\"{data}\":{}}}", self.data)
    }

    /// The request refers to its text, so the text stays until the test ends.
    fn plain(&self) -> EventRequest<'static> {
        let name = |name| match name {
            "specversion" | "source" | "id" => None,
            "type" => Some("name"),
            "receiverid" => Some("event_receiver_id"),
            "platformid" => Some("platform_id"),
            name => Some(name),
        };
        EventRequest::parse(self.object("payload", name).leak()).unwrap()
    }

    fn structured(&self) -> EventRequest<'static> {
        EventRequest::parse_structured(&self.object("data", Some)).unwrap()
    }

    /// The binary content mode, with the headers that `encode` makes.
    fn binary(&self, encode: fn(&str) -> String) -> EventRequest<'static> {
        let header = |name: &str| match name.strip_prefix("ce-") {
            Some("success") => self.success.map(|success| success.to_string().into_bytes()),
            Some(name) => self.attributes.get(name).map(|value| encode(value).into_bytes()),
            None => self.attributes.get("datacontenttype").map(|value| value.clone().into_bytes()),
        };
        EventRequest::parse_binary(header, self.data)
    }
}

/// The encoding that the binding demands.
fn percent_encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'"' | b'%' => format!("%{byte:02X}"),
        b'!'..=b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02x}"),
    };
    text.bytes().map(encode).collect()
}

/// The form of earlier versions of the binding, with percent signs and other characters encoded.
fn quoted(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b'%' => "%25".to_owned(),
        b' '..=b'~' => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    format!("\"{}\"", text.bytes().map(encode).collect::<String>())
}

fn accept(request: EventRequest<'_>) -> Event {
    let schema = Schema::compile(&JsonText::try_from("true".to_owned()).unwrap()).unwrap();
    request.accept(Some(Ok(&schema)), ID.parse().unwrap(), &mut Budget::default()).unwrap()
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn every_content_mode_becomes_the_event_of_the_plain_body(content in content()) {
        let event = accept(content.plain());
        prop_assert_eq!(event.payload.as_str(), content.data);
        let modes = [content.structured(), content.binary(percent_encoded), content.binary(quoted)];
        let keys = modes.each_ref().map(|request| request.cloud_event_idempotency(Caller::Anonymous, None));
        prop_assert!(keys[0].is_some() && keys.windows(2).all(|pair| pair[0] == pair[1]));
        for request in modes {
            prop_assert_eq!(&accept(request), &event);
        }
    }

    #[test]
    fn no_headers_and_no_body_make_the_parser_panic(
        headers in proptest::collection::vec(proptest::option::of(proptest::collection::vec(any::<u8>(), 0..40)), 15),
        body in prop_oneof![any::<String>(), "[\\[\\]{}\",:0-9a-z\\\\]{0,40}"],
        member in "\\PC{0,10}",
    ) {
        let names = ["specversion", "id", "source", "type", "receiverid", "success", "version", "release",
            "platformid", "package", "description", "time", "subject", "dataschema", "traceparent"];
        let header = |name: &str| {
            let name = name.strip_prefix("ce-")?;
            headers[names.iter().position(|known| *known == name)?].clone()
        };
        let schema = Schema::compile(&JsonText::try_from("true".to_owned()).unwrap()).unwrap();
        let binary = EventRequest::parse_binary(header, &body);
        binary.cloud_event_idempotency(Caller::Anonymous, None);
        binary.accept(Some(Ok(&schema)), EventId::generate(), &mut Budget::default()).ok();
        for text in [body.clone(), format!("{{\"id\":{body}}}"), format!("{{\"data_base64\":\"{member}\"}}")] {
            let request = EventRequest::parse_structured(&text);
            request.map(|request| request.accept(None, EventId::generate(), &mut Budget::default())).ok();
        }
    }
}
