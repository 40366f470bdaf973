//! Payloads that are refused.

use end_to_end::System;
use insta::assert_snapshot;
use serde_json::json;

use super::{post_event, post_receiver};

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_mismatch_names_its_place() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    assert_snapshot!(post_event(&system, &receiver, &json!({"commit": 7})).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"payload_mismatch","message":"The body has a fault: payload/commit: must be a string.","field":"payload","errors":["payload/commit: must be a string"]}
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_needs_too_many_steps_to_check_is_refused() {
    let system = System::start().await;
    let patterns: Vec<_> = (0..1000).map(|index| format!(r#"{{"pattern":"c{index}"}}"#)).collect();
    let receiver = post_receiver(&system, &format!(r#"{{"anyOf":[{}]}}"#, patterns.join(","))).await.id();
    assert_snapshot!(post_event(&system, &receiver, &json!("a".repeat(200_000))).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"payload_too_complex","message":"The body has a fault: payload: takes too much work to check: use a smaller payload, or a schema with fewer alternatives and patterns.","field":"payload","errors":["payload: takes too much work to check: use a smaller payload, or a schema with fewer alternatives and patterns"]}
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_is_checked_as_it_is_published() {
    let system = System::start().await;
    let receiver = post_receiver(&system, r#"{"required":["commit"]}"#).await.id();
    // serde_json's own `Value` would be the JSON inside this string.
    let payload = json!({"$serde_json::private::RawValue": r#"{"commit":"a"}"#});
    assert_snapshot!(post_event(&system, &receiver, &payload).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"payload_mismatch","message":"The body has a fault: payload: must have the member \"commit\".","field":"payload","errors":["payload: must have the member \"commit\""]}
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_stays_short_although_the_schema_has_long_names() {
    let system = System::start().await;
    let name = "n".repeat(10_000);
    let names: Vec<_> = (0..6).map(|index| format!("\"{index}{name}\"")).collect();
    let receiver = post_receiver(&system, &format!(r#"{{"required":[{}]}}"#, names.join(","))).await.id();
    let response = post_event(&system, &receiver, &json!({})).await;
    assert_eq!(response.body["errors"].as_array().unwrap().len(), 6, "{response}");
    assert!(response.body.to_string().len() < 4096);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payload_that_is_too_large_is_refused_with_its_limit() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    assert_snapshot!(post_event(&system, &receiver, &json!({"commit": "x".repeat(256 * 1024)})).await, @r#"
    HTTP 413
    content-type: application/json
    x-request-id: [request id]

    {"error":"too_large","message":"The body has a fault: payload: must have at most 256 KiB.","field":"payload","errors":["payload: must have at most 256 KiB"]}
    "#);
}
