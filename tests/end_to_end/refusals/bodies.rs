//! Bodies that are refused before a schema or a payload is checked.

use end_to_end::System;
use insta::assert_snapshot;
use serde_json::json;

use super::{EVENTS, GROUPS, RECEIVERS, UNKNOWN, post_event};

/// Posts a body to each path, and returns the response, which is the same for all.
async fn post_to_all(system: &System, body: &'static str) -> String {
    let response = system.post(EVENTS, body).await.to_string();
    for path in [RECEIVERS, GROUPS] {
        assert_eq!(system.post(path, body).await.to_string(), response, "{path}");
    }
    response
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_json_is_invalid_json() {
    let system = System::start().await;
    assert_snapshot!(post_to_all(&system, r#"{"name":"#).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_json","message":"The body is not valid JSON: EOF while parsing a value at line 1 column 8.","errors":["The body is not valid JSON: EOF while parsing a value at line 1 column 8."]}
    "#);
    assert_snapshot!(post_to_all(&system, "{}{}").await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_json","message":"The body is not valid JSON: trailing characters at line 1 column 3.","errors":["The body is not valid JSON: trailing characters at line 1 column 3."]}
    "#);
    assert_snapshot!(post_to_all(&system, r#"{"a":NaN}"#).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_json","message":"The body is not valid JSON: expected value at line 1 column 6.","errors":["The body is not valid JSON: expected value at line 1 column 6."]}
    "#);
    assert_snapshot!(post_to_all(&system, r#"{"a":1,"a":2}"#).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_json","message":"The body is not valid JSON: duplicate member \"a\" at line 1 column 10.","errors":["The body is not valid JSON: duplicate member \"a\" at line 1 column 10."]}
    "#);
    assert_snapshot!(post_to_all(&system, "[]").await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_json","message":"The body is not valid JSON: invalid type: sequence, expected a JSON object at line 1 column 0.","errors":["The body is not valid JSON: invalid type: sequence, expected a JSON object at line 1 column 0."]}
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_utf_8_is_invalid_json() {
    let system = System::start().await;
    assert_snapshot!(system.post_bytes(EVENTS, b"{\"a\":\"\xff\"}".to_vec()).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_json","message":"The body is not UTF-8.","errors":["The body is not UTF-8."]}
    "#);
}

/// Cases of JSONTestSuite, <https://github.com/nst/JSONTestSuite>, whose bytes are not UTF-8.
const NOT_UTF_8: [&[u8]; 12] = [
    b"[\xff]",
    b"[\"\xff\"]",
    b"[1e1\xe5]",
    b"[0\xe5]",
    b"{\"\xb9\":\"0\",}",
    b"[\"\xe6\x97\xa5\xd1\x88\xfa\"]",
    b"[\"\xed\xa0\x80\"]",
    b"[\"\xf4\xbf\xbf\xbf\"]",
    b"[\"\xc0\xaf\"]",
    b"[\"\xfc\x80\x80\x80\x80\x80\"]",
    b"\xff\xfe[\0\"\0\xe9\0\"\0]\0",
    b"\0[\0\"\0\xe9\0\"\0]",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_not_utf_8_is_refused_under_every_content_type() {
    let system = System::start().await;
    for body in NOT_UTF_8 {
        for content_type in
            ["application/json", "application/cloudevents+json", "text/plain; charset=utf-16", "x"]
        {
            let response = system.post_as(content_type, EVENTS, body).await;
            let expected = (400, &json!("invalid_json"));
            assert_eq!(
                (response.status, &response.body["error"]),
                expected,
                "{body:?} {content_type}: {response}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_fields_are_all_named_in_one_response() {
    let system = System::start().await;
    assert_snapshot!(system.post(EVENTS, "{}").await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_field","message":"The body has 8 faults, the first: name: is required.","field":"name","errors":["name: is required","version: is required","release: is required","platform_id: is required","package: is required","description: is required","event_receiver_id: is required","payload: is required"]}
    "#);
    assert_snapshot!(system.post(RECEIVERS, "{}").await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_field","message":"The body has 5 faults, the first: name: is required.","field":"name","errors":["name: is required","type: is required","version: is required","description: is required","schema: is required"]}
    "#);
    assert_snapshot!(system.post(GROUPS, "{}").await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_field","message":"The body has 5 faults, the first: name: is required.","field":"name","errors":["name: is required","type: is required","version: is required","description: is required","event_receiver_ids: is required"]}
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_receiver_is_named() {
    let system = System::start().await;
    assert_snapshot!(post_event(&system, UNKNOWN, &json!({})).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"unknown_receiver","message":"The body has a fault: event_receiver_id: names no event receiver: 01HJ1K2M3N4P5Q6R7S8T9V0W1X.","field":"event_receiver_id","errors":["event_receiver_id: names no event receiver: 01HJ1K2M3N4P5Q6R7S8T9V0W1X"]}
    "#);
    let group = json!({"name": "g", "type": "t", "version": "1", "description": "d", "event_receiver_ids": [UNKNOWN]});
    assert_snapshot!(system.post(GROUPS, group.to_string()).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"unknown_receiver","message":"The body has a fault: event_receiver_ids: names no event receiver: 01HJ1K2M3N4P5Q6R7S8T9V0W1X.","field":"event_receiver_ids","errors":["event_receiver_ids: names no event receiver: 01HJ1K2M3N4P5Q6R7S8T9V0W1X"]}
    "#);
    assert_eq!(system.keys().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_too_large_is_refused_with_its_limit() {
    let system = System::start().await;
    assert_snapshot!(system.post(EVENTS, " ".repeat(512 * 1024 + 1)).await, @r#"
    HTTP 413
    content-type: application/json
    x-request-id: [request id]

    {"error":"too_large","message":"The body must have at most 512 KiB.","errors":["The body must have at most 512 KiB."]}
    "#);
}
