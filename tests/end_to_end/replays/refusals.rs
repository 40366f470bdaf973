//! Requests for replays that are refused.

use end_to_end::System;
use insta::assert_snapshot;

use super::{START, path, start};

const UNKNOWN: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_parameter_is_refused_with_its_name() {
    let system = System::start().await;
    assert_snapshot!(start(&system, "").await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_parameter","message":"The query string has a fault: start: is required.","field":"start","errors":["start: is required"]}
    "#);
    assert_snapshot!(start(&system, "start=2024-01-01T00:00:00Z").await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_parameter","message":"The query string has a fault: end: is required.","field":"end","errors":["end: is required"]}
    "#);
    assert_snapshot!(start(&system, "start=yesterday&end=2024-01-01T00:00:00Z").await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_parameter","message":"The query string has a fault: start: must be a time such as 2024-01-15T10:30:00Z (RFC 3339).","field":"start","errors":["start: must be a time such as 2024-01-15T10:30:00Z (RFC 3339)"]}
    "#);
    assert_snapshot!(start(&system, "start=2024-01-02T00:00:00Z&end=2024-01-01T00:00:00Z").await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_parameter","message":"The query string has a fault: start: must be before end.","field":"start","errors":["start: must be before end"]}
    "#);
    assert_snapshot!(start(&system, "start=2024-01-01T00:00:00Z&end=9999-01-01T00:00:00Z").await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_parameter","message":"The query string has a fault: end: must not be in the future.","field":"end","errors":["end: must not be in the future"]}
    "#);
    assert_snapshot!(start(&system, "start=2024-01-01T00:00:00Z&end=2024-01-02T00:00:00Z&tpye=x").await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_parameter","message":"The query string has a fault: tpye: does not exist; there are start, end, target, type, receiver, topic, dry_run.","field":"tpye","errors":["tpye: does not exist; there are start, end, target, type, receiver, topic, dry_run"]}
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_replay_is_404_and_another_method_405() {
    let system = System::start().await;
    assert_snapshot!(system.get(&path(UNKNOWN)).await, @r#"
    HTTP 404
    content-type: application/json
    x-request-id: [request id]

    {"error":"not_found","message":"There is nothing at this path.","errors":["There is nothing at this path."]}
    "#);
    assert_snapshot!(system.get(&path("x")).await, @r#"
    HTTP 404
    content-type: application/json
    x-request-id: [request id]

    {"error":"not_found","message":"There is nothing at this path.","errors":["There is nothing at this path."]}
    "#);
    assert_snapshot!(system.delete(&path(UNKNOWN)).await, @r#"
    HTTP 404
    content-type: application/json
    x-request-id: [request id]

    {"error":"not_found","message":"There is nothing at this path.","errors":["There is nothing at this path."]}
    "#);
    assert_snapshot!(system.post(&path(UNKNOWN), "").await, @r#"
    HTTP 405
    allow: GET, HEAD, DELETE
    content-type: application/json
    x-request-id: [request id]

    {"error":"method_not_allowed","message":"This path takes GET, HEAD, DELETE requests only.","errors":["This path takes GET, HEAD, DELETE requests only."]}
    "#);
    assert_snapshot!(system.get(START).await, @r#"
    HTTP 405
    allow: POST
    content-type: application/json
    x-request-id: [request id]

    {"error":"method_not_allowed","message":"This path takes POST requests only.","errors":["This path takes POST requests only."]}
    "#);
}
