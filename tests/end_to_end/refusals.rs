//! Every error code: its status and its whole body. Those of a table that fails are in `faults`.

use aws_sdk_dynamodb::types::AttributeValue;
use end_to_end::System;
use serde_json::{Value, json};

const EVENTS: &str = "/api/v1/events";
const RECEIVERS: &str = "/api/v1/event-receivers";
const GROUPS: &str = "/api/v1/event-receiver-groups";
const UNKNOWN: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";

fn event(receiver: &str, payload: &Value) -> Value {
    let mut event = local::samples::event(receiver);
    event["payload"] = payload.clone();
    event
}

async fn assert_refused(system: &System, path: &str, body: impl Into<Vec<u8>>, status: u16, expected: Value) {
    let answer = system.post(path, body.into()).await;
    assert_eq!((answer.status, &answer.body), (status, &expected));
    assert!(!answer.headers["x-request-id"].is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_json_is_invalid_json() {
    let system = System::start().await;
    let cases = [
        ("{\"name\":", "The body is not valid JSON: EOF while parsing a value at line 1 column 8."),
        ("{}{}", "The body is not valid JSON: trailing characters at line 1 column 3."),
        ("{\"a\":NaN}", "The body is not valid JSON: expected value at line 1 column 6."),
        ("{\"a\":1,\"a\":2}", "The body is not valid JSON: duplicate member \"a\" at line 1 column 10."),
        (
            "[]",
            "The body is not valid JSON: invalid type: sequence, expected a JSON object at line 1 column 0.",
        ),
    ];
    for path in [EVENTS, RECEIVERS, GROUPS] {
        for (body, message) in cases {
            let expected = json!({"error": "invalid_json", "message": message, "errors": [message]});
            assert_refused(&system, path, body, 400, expected).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_utf_8_is_invalid_json() {
    let system = System::start().await;
    let answer = system.post_bytes(EVENTS, b"{\"a\":\"\xff\"}".to_vec()).await;
    let message = "The body is not UTF-8.";
    assert_eq!(answer.status, 400);
    assert_eq!(answer.body, json!({"error": "invalid_json", "message": message, "errors": [message]}));
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_fields_are_all_named_at_once() {
    let system = System::start().await;
    let required = |fields: &[&str]| -> Vec<String> {
        fields.iter().map(|field| format!("{field}: is required")).collect()
    };
    let event = [
        "name",
        "version",
        "release",
        "platform_id",
        "package",
        "description",
        "event_receiver_id",
        "payload",
    ];
    let receiver = ["name", "type", "version", "description", "schema"];
    let group = ["name", "type", "version", "description", "event_receiver_ids"];
    for (path, fields) in [(EVENTS, &event[..]), (RECEIVERS, &receiver), (GROUPS, &group)] {
        let message = format!("The body has {} faults, the first: name: is required.", fields.len());
        let expected = json!({
            "error": "invalid_field", "message": message, "field": "name", "errors": required(fields),
        });
        assert_refused(&system, path, "{}", 400, expected).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_receiver_is_named() {
    let system = System::start().await;
    let problem = format!("event_receiver_id: names no event receiver: {UNKNOWN}");
    let expected = json!({
        "error": "unknown_receiver",
        "message": format!("The body has a fault: {problem}."),
        "field": "event_receiver_id",
        "errors": [problem],
    });
    assert_refused(&system, EVENTS, event(UNKNOWN, &json!({})).to_string(), 400, expected).await;

    let group = json!({"name": "g", "type": "t", "version": "1", "description": "d", "event_receiver_ids": [UNKNOWN]});
    let problem = format!("event_receiver_ids: names no event receiver: {UNKNOWN}");
    let expected = json!({
        "error": "unknown_receiver",
        "message": format!("The body has a fault: {problem}."),
        "field": "event_receiver_ids",
        "errors": [problem],
    });
    assert_refused(&system, GROUPS, group.to_string(), 400, expected).await;
    assert_eq!(system.keys().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_does_not_compile_is_refused() {
    let system = System::start().await;
    let cases = [
        (
            r#"{"type":12}"#,
            "schema: does not compile: must be a type's name or an array of different ones (at /type)",
        ),
        (r#"{"$schema":"urn:mine"}"#, "schema: $schema must name draft 4, 6, 7, 2019-09 or 2020-12"),
        ("[]", "schema: must be a JSON Schema: an object or a boolean"),
    ];
    for (schema, problem) in cases {
        let body = format!(r#"{{"name":"n","type":"t","version":"1","description":"d","schema":{schema}}}"#);
        let expected = json!({
            "error": "invalid_schema",
            "message": format!("The body has a fault: {problem}."),
            "field": "schema",
            "errors": [problem],
        });
        assert_refused(&system, RECEIVERS, body, 400, expected).await;
    }
    for reference in ["http://127.0.0.1:1/s.json", "file:///etc/hostname"] {
        let body = format!(
            r#"{{"name":"n","type":"t","version":"1","description":"d","schema":{{"$ref":"{reference}"}}}}"#
        );
        let answer = system.post(RECEIVERS, body).await;
        assert_eq!((answer.status, &answer.body["error"]), (400, &json!("invalid_schema")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_does_not_match_says_where() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let expected = json!({
        "error": "payload_mismatch",
        "message": "The body has a fault: payload/commit: must be a string.",
        "field": "payload",
        "errors": ["payload/commit: must be a string"],
    });
    assert_refused(&system, EVENTS, event(&receiver, &json!({"commit": 7})).to_string(), 400, expected).await;
}

/// Declares a receiver with this schema.
async fn receiver_with(system: &System, schema: &str) -> String {
    let body = format!(r#"{{"name":"n","type":"t","version":"1","description":"d","schema":{schema}}}"#);
    let answer = system.post(RECEIVERS, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.body["data"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_takes_too_much_work_to_check_is_refused() {
    let system = System::start().await;
    let patterns: Vec<_> = (0..1000).map(|index| format!(r#"{{"pattern":"c{index}"}}"#)).collect();
    let receiver = receiver_with(&system, &format!(r#"{{"anyOf":[{}]}}"#, patterns.join(","))).await;
    let problem = "payload: takes too much work to check: use a smaller payload, or a schema with fewer \
                   alternatives and patterns";
    let expected = json!({
        "error": "payload_too_complex",
        "message": format!("The body has a fault: {problem}."),
        "field": "payload",
        "errors": [problem],
    });
    let body = event(&receiver, &json!("a".repeat(200_000))).to_string();
    assert_refused(&system, EVENTS, body, 400, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_is_checked_as_it_is_published() {
    let system = System::start().await;
    let receiver = receiver_with(&system, r#"{"required":["commit"]}"#).await;
    // serde_json's own `Value` takes this for the JSON inside the string.
    let payload = json!({"$serde_json::private::RawValue": r#"{"commit":"a"}"#});
    let answer = system.post(EVENTS, event(&receiver, &payload).to_string()).await;
    assert_eq!((answer.status, &answer.body["error"]), (400, &json!("payload_mismatch")), "{answer:?}");
    assert_eq!(answer.body["errors"], json!(["payload: must have the member \"commit\""]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_stays_short_whatever_the_schema_repeats() {
    let system = System::start().await;
    let name = "n".repeat(10_000);
    let names: Vec<_> = (0..6).map(|index| format!("\"{index}{name}\"")).collect();
    let receiver = receiver_with(&system, &format!(r#"{{"required":[{}]}}"#, names.join(","))).await;
    let answer = system.post(EVENTS, event(&receiver, &json!({})).to_string()).await;
    assert_eq!(answer.body["errors"].as_array().unwrap().len(), 6, "{answer:?}");
    assert!(answer.body.to_string().len() < 4096);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_receiver_whose_schema_is_not_accepted_any_more_are_refused_with_the_reason() {
    let system = System::start().await;
    let mut item = ["name", "type", "version", "description"].map(|name| (name, "x")).to_vec();
    let partition = format!("RECEIVER#{UNKNOWN}");
    item.extend([("pk", &*partition), ("sk", "RECEIVER"), ("schema", r#"{"type":"strung"}"#)]);
    let item = item.into_iter().map(|(name, value)| (name.to_owned(), AttributeValue::S(value.to_owned())));
    system.put_raw(item.collect()).await;
    let answer = system.post(EVENTS, event(UNKNOWN, &json!({})).to_string()).await;
    assert_eq!((answer.status, &answer.body["error"]), (400, &json!("invalid_schema")), "{answer:?}");
    assert_eq!(answer.body["field"], "event_receiver_id");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_refused_with_its_limit() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let message = "The body must have at most 512 KiB.";
    let expected = json!({"error": "too_large", "message": message, "errors": [message]});
    assert_refused(&system, EVENTS, " ".repeat(512 * 1024 + 1), 413, expected).await;

    let payload = json!({"commit": "x".repeat(256 * 1024)});
    let expected = json!({
        "error": "too_large",
        "message": "The body has a fault: payload: must have at most 256 KiB.",
        "field": "payload",
        "errors": ["payload: must have at most 256 KiB"],
    });
    assert_refused(&system, EVENTS, event(&receiver, &payload).to_string(), 413, expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_is_404_and_another_method_405() {
    let system = System::start().await;
    let message = "There is nothing at this path.";
    let expected = json!({"error": "not_found", "message": message, "errors": [message]});
    assert_refused(&system, "/api/v1/nothing", "{}", 404, expected).await;

    let answer = system.get(EVENTS).await;
    let message = "This path takes POST requests only.";
    assert_eq!(answer.status, 405);
    assert_eq!(answer.headers["allow"], "POST");
    assert_eq!(answer.body, json!({"error": "method_not_allowed", "message": message, "errors": [message]}));
}
