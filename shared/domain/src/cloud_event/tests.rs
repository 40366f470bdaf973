use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD};
use xzepr_json_schema::{Budget, Schema};

use crate::{Caller, Event, EventId, EventRequest, FaultKind, Idempotency, JsonText};

const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

const STRUCTURED: &str = r#"{"specversion":"1.0","id":"run-1","source":"/ci","type":"build.finished",
    "receiverid":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","success":true,"version":"2.1.0","release":"2.1.0-rc.1",
    "platformid":"linux","package":"myapp","description":"Built € myapp","time":"2024-01-15T10:30:00Z",
    "subject":"myapp/2.1.0","dataschema":"https://example.com/build","datacontenttype":"application/json",
    "data":{"z": 1.00}}"#;

const HEADERS: [(&str, &str); 15] = [
    ("ce-specversion", "1.0"),
    ("ce-id", "run-1"),
    ("ce-source", "/ci"),
    ("ce-type", "build.finished"),
    ("ce-receiverid", "01HJ1K2M3N4P5Q6R7S8T9V0W1X"),
    ("ce-success", "True"),
    ("ce-version", "2.1.0"),
    ("ce-release", "2.1.0-rc.1"),
    ("ce-platformid", "linux"),
    ("ce-package", "myapp"),
    ("ce-description", "Built%20%E2%82%AC%20myapp"),
    ("ce-time", "2024-01-15T10:30:00Z"),
    ("ce-subject", "myapp/2.1.0"),
    ("ce-dataschema", "https://example.com/build"),
    ("content-type", "application/json"),
];

fn structured(text: &str) -> EventRequest<'static> {
    EventRequest::parse_structured(text).unwrap()
}

/// The structured event with a text in the place of another one.
fn changed(from: &str, to: &str) -> EventRequest<'static> {
    assert!(STRUCTURED.contains(from), "{from}");
    structured(&STRUCTURED.replace(from, to))
}

fn binary(changes: &[(&str, Option<&[u8]>)], body: &str) -> EventRequest<'static> {
    let mut headers: BTreeMap<_, _> =
        HEADERS.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect();
    for (name, value) in changes {
        match value {
            Some(value) => headers.insert((*name).to_owned(), value.to_vec()),
            None => headers.remove(*name),
        };
    }
    EventRequest::parse_binary(|name| headers.get(name).cloned(), body)
}

fn accept(request: EventRequest) -> Result<Event, Vec<String>> {
    accept_with(request, "true")
}

fn accept_with(request: EventRequest, schema: &str) -> Result<Event, Vec<String>> {
    let schema = Schema::compile(&JsonText::try_from(schema.to_owned()).unwrap()).unwrap();
    let id: EventId = "01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap();
    request
        .accept(Some(Ok(&schema)), id, &mut Budget::default())
        .map_err(|rejected| rejected.faults.iter().map(ToString::to_string).collect())
}

fn faults(request: EventRequest) -> Vec<String> {
    accept(request).unwrap_err()
}

fn idempotency(request: &EventRequest) -> Option<Idempotency> {
    request.cloud_event_idempotency(Caller::Anonymous, None)
}

#[test]
fn both_content_modes_become_the_event_of_a_plain_body() {
    let plain = r#"{"name":"build.finished","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","success":true,
        "version":"2.1.0","release":"2.1.0-rc.1","platform_id":"linux","package":"myapp",
        "description":"Built € myapp","time":"2024-01-15T10:30:00Z","subject":"myapp/2.1.0",
        "dataschema":"https://example.com/build","datacontenttype":"application/json","payload":{"z": 1.00}}"#;
    let event = accept(EventRequest::parse(plain).unwrap()).unwrap();
    assert_eq!(accept(structured(STRUCTURED)).unwrap(), event);
    assert_eq!(accept(binary(&[], r#"{"z": 1.00}"#)).unwrap(), event);
    assert_eq!(event.payload.as_str(), r#"{"z": 1.00}"#);
}

#[test]
fn attributes_of_other_uses_are_ignored() {
    let others = r#""data":{"z": 1.00},"name":"other","apiversion":"v1","sequence":"01","partitionkey":"k","x":[],"y":7}"#;
    assert_eq!(accept(changed(r#""data":{"z": 1.00}}"#, others)), accept(structured(STRUCTURED)));
    let others: [(&str, Option<&[u8]>); 2] = [("ce-name", Some(b"other")), ("ce-x", Some(b"\xff"))];
    assert!(accept(binary(&others, "1")).is_ok());
}

#[test]
fn a_missing_attribute_is_named_by_its_name_in_cloudevents() {
    let expected = [
        "specversion: is required",
        "id: is required",
        "source: is required",
        "type: is required",
        "receiverid: is required",
        "version: is required",
        "release: is required",
        "platformid: is required",
        "package: is required",
        "description: is required",
        "data: is required",
    ];
    assert_eq!(faults(structured("{}")), expected);
    assert_eq!(faults(EventRequest::parse_binary(|_| None, "")), expected);
    let nulls = r#"{"specversion":null,"id":null,"source":null,"type":null,"receiverid":null,"success":null,
        "version":null,"release":null,"platformid":null,"package":null,"description":null,"time":null,
        "subject":null,"dataschema":null,"datacontenttype":null,"traceparent":null,"data_base64":null}"#;
    assert_eq!(faults(structured(nulls)), expected);
}

#[test]
fn only_version_1_0_is_accepted() {
    for version in ["0.3", "1.1", "1.0.1", "1", ""] {
        let request = changed(r#""specversion":"1.0""#, &format!(r#""specversion":"{version}""#));
        assert_eq!(faults(request), ["specversion: must be 1.0"]);
    }
}

#[test]
fn a_wrong_attribute_is_named() {
    for (from, to, fault) in [
        (r#""id":"run-1""#, r#""id":"""#, "id: must not be blank"),
        (r#""id":"run-1""#, r#""id":7"#, "id: must be a string"),
        (r#""id":"run-1""#, r#""id":"a\u0007""#, "id: must not contain control characters"),
        ("/ci", "", "source: must be a URI-reference of 1 to 2048 characters"),
        ("build.finished", "a\\u0000", "type: must not contain control characters"),
        ("01HJ1K2M", "x", "receiverid: must be a ULID (26 characters of Crockford's Base32)"),
        (r#""success":true"#, r#""success":1"#, "success: must be true or false"),
        (r#""success":true"#, r#""success":"yes""#, "success: must be true or false"),
        (r#""version":"2.1.0""#, r#""version":true"#, "version: must be a string"),
        ("myapp/2.1.0", "", "subject: must not be blank"),
        (
            "10:30:00Z",
            "10:30:00",
            "time: must be a time with an offset in RFC 3339, such as 2024-01-15T10:30:00Z",
        ),
        (
            "https://example.com/build",
            "build",
            "dataschema: must be an absolute URI without a fragment, of at most 2048 characters",
        ),
        (
            "application/json",
            "text/plain",
            "datacontenttype: must be a media type for JSON, such as application/json or application/vnd.example+json",
        ),
    ] {
        assert_eq!(faults(changed(from, to)), [fault], "{to}");
    }
}

#[test]
fn success_is_a_boolean_or_its_text_and_false_if_it_is_absent() {
    for (sent, success) in [("true", true), (r#""TRUE""#, true), (r#""False""#, false), ("null", false)] {
        let request = changed(r#""success":true"#, &format!(r#""success":{sent}"#));
        assert_eq!(accept(request).unwrap().success, success, "{sent}");
    }
    assert!(!accept(binary(&[("ce-success", None)], "1")).unwrap().success);
    assert_eq!(faults(binary(&[("ce-success", Some(b"1"))], "1")), ["success: must be true or false"]);
}

#[test]
fn a_header_that_cannot_be_decoded_is_a_fault_of_its_attribute() {
    let changes: [(&str, Option<&[u8]>); 3] =
        [("ce-type", Some("é".as_bytes())), ("ce-package", Some(b"%ff")), ("ce-id", Some(b"\"a"))];
    assert_eq!(
        faults(binary(&changes, "1")),
        [
            "id: must end with the double quote that it begins with in its header",
            "type: must have only printable ASCII characters in its header, and all others percent-encoded",
            "package: must be percent-encoded UTF-8 in its header",
        ]
    );
}

#[test]
fn data_is_any_json_in_each_form() {
    for data in ["null", "0", "\"text\"", "[ ]", r#"{"a": 12345678901234567890}"#] {
        let payload = |request| accept(request).unwrap().payload.as_str().to_owned();
        assert_eq!(payload(changed(r#"{"z": 1.00}"#, data)), data);
        assert_eq!(payload(binary(&[], &format!("{data}\n"))), data);
    }
    let base64 = |encoded: &str| changed(r#""data":{"z": 1.00}"#, &format!(r#""data_base64":{encoded}"#));
    assert_eq!(accept(base64(r#""eyJ6IjogMS4wMH0=""#)), accept(structured(STRUCTURED)));
    let not_base64 = "data_base64: must be the Base64 of JSON in UTF-8";
    for (encoded, fault) in [
        (r#""!""#, not_base64),
        (r#""/w==""#, not_base64),
        ("7", "data_base64: must be a string"),
        (r#""ew==""#, "data_base64: is not valid JSON: EOF while parsing an object at line 1 column 1"),
        (r#""MQ==","data":1"#, "data_base64: must not be there together with data"),
    ] {
        assert_eq!(faults(base64(encoded)), [fault], "{encoded}");
    }
    assert_eq!(
        faults(binary(&[], r#"{"a":1,"a":2}"#)),
        [r#"data: is not valid JSON: duplicate member "a" at line 1 column 10"#]
    );
}

#[test]
fn data_has_the_same_depth_in_each_form() {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let plain = |data: &str| {
        let members =
            r#""name":"n","version":"1","release":"r","platform_id":"p","package":"k","description":"d""#;
        EventRequest::parse(&format!(r#"{{{members},"payload":{data}}}"#)).is_ok()
    };
    let in_each_form = |levels: usize| {
        let data = nested(levels);
        let text = STRUCTURED.replace(r#"{"z": 1.00}"#, &data);
        let encoded = BASE64_STANDARD.encode(&data);
        let encoded = changed(r#""data":{"z": 1.00}"#, &format!(r#""data_base64":"{encoded}""#));
        [
            plain(&data),
            EventRequest::parse_structured(&text).is_ok(),
            accept(encoded).is_ok(),
            accept(binary(&[], &data)).is_ok(),
        ]
    };
    assert_eq!(in_each_form(126), [true; 4]);
    assert_eq!(in_each_form(127), [false; 4]);
}

#[test]
fn data_over_256_kib_is_too_large_in_each_form() {
    let data = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
    let largest = data(crate::MAX_PAYLOAD_BYTES);
    assert!(accept(changed(r#"{"z": 1.00}"#, &largest)).is_ok());
    assert!(accept(binary(&[], &largest)).is_ok());
    let over = data(crate::MAX_PAYLOAD_BYTES + 1);
    for request in [changed(r#"{"z": 1.00}"#, &over), binary(&[], &over)] {
        let rejected = request.accept(None, EventId::generate(), &mut Budget::default()).unwrap_err();
        assert_eq!(rejected.faults[0].kind, FaultKind::TooLarge);
        assert_eq!(rejected.faults[0].to_string(), "data: must have at most 256 KiB");
    }
}

#[test]
fn faults_that_need_the_receiver_have_the_names_of_cloudevents_too() {
    let schema = r#"{"properties":{"z":{"type":"string"}}}"#;
    assert_eq!(accept_with(structured(STRUCTURED), schema), Err(vec!["data/z: must be a string".to_owned()]));
    let unknown = structured(STRUCTURED).accept(None, EventId::generate(), &mut Budget::default());
    let unknown = unknown.unwrap_err().faults[0].to_string();
    assert_eq!(unknown, "receiverid: names no event receiver: 01HJ1K2M3N4P5Q6R7S8T9V0W1X");
}

#[test]
fn a_trace_is_the_events_own_or_else_the_requests() {
    let of_request = || Some(TRACE.replace("4bf9", "aaaa").try_into().unwrap());
    let trace = |mut request: EventRequest| {
        request.add_traceparent(of_request());
        accept(request).unwrap().attributes.traceparent
    };
    let own = changed(r#""id""#, &format!(r#""traceparent":"{TRACE}","id""#));
    assert_eq!(trace(own).as_deref(), Some(TRACE));
    assert_eq!(trace(binary(&[("ce-traceparent", Some(TRACE.as_bytes()))], "1")).as_deref(), Some(TRACE));
    assert_eq!(trace(structured(STRUCTURED)), of_request());
    for malformed in [r#""traceparent":"00-1","id""#, r#""traceparent":7,"id""#] {
        assert_eq!(trace(changed(r#""id""#, malformed)), of_request());
    }
}

#[test]
fn the_same_event_in_another_content_mode_is_the_same_request() {
    let one = idempotency(&structured(STRUCTURED)).unwrap();
    assert_eq!(idempotency(&binary(&[], r#"{"z": 1.00}"#)), Some(one.clone()));
    for same in [
        changed(r#","datacontenttype":"application/json""#, ""),
        binary(&[("content-type", Some(b"Application/JSON; charset=UTF-8"))], r#"{"z": 1.00}"#),
        changed(r#""success":true"#, r#""success":"true""#),
        changed(r#""id""#, &format!(r#""traceparent":"{TRACE}","id""#)),
        changed("{\"specversion\"", "{\"sequence\":\"1\",\"specversion\""),
    ] {
        assert_eq!(idempotency(&same).as_ref(), Some(&one));
    }
    for other in [
        changed("1.00", "1.0"),
        changed("build.finished", "build.failed"),
        changed(r#""success":true"#, r#""success":false"#),
        changed("myapp/2.1.0", "myapp/2.1.1"),
        changed(r#""subject":"myapp/2.1.0","#, ""),
        changed("application/json", "application/json; a=\\\"B c\\\""),
        changed("application/json", "application/json; a=\\\"bC\\\""),
    ] {
        let other = idempotency(&other).unwrap();
        assert_eq!(other.key, one.key);
        assert_ne!(other.request_hash, one.request_hash);
    }
    assert_ne!(idempotency(&changed("run-1", "run-2")).unwrap().key, one.key);
}

#[test]
fn a_header_is_the_key_before_the_source_and_id() {
    let keyed = |request: &EventRequest| {
        request.cloud_event_idempotency(Caller::Anonymous, Some("k".parse().unwrap())).unwrap()
    };
    let one = keyed(&structured(STRUCTURED));
    assert_eq!(one.key.to_string(), "k");
    assert_eq!(keyed(&binary(&[], r#"{"z": 1.00}"#)), one);
    assert_ne!(keyed(&changed("run-1", "run-2")).request_hash, one.request_hash);
}

#[test]
fn an_event_with_a_fault_and_a_plain_body_have_no_key_of_their_own() {
    assert_eq!(idempotency(&changed("build.finished", "")), None);
    assert_eq!(idempotency(&EventRequest::parse("{}").unwrap()), None);
}
