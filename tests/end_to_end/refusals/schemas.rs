//! Schemas that are refused, when they are declared or later.

use aws_sdk_dynamodb::types::AttributeValue;
use end_to_end::{Item, System};
use insta::assert_snapshot;
use serde_json::json;

use super::{UNKNOWN, post_event, post_receiver};

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_does_not_compile_is_refused() {
    let system = System::start().await;
    assert_snapshot!(post_receiver(&system, r#"{"type":12}"#).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_schema","message":"The body has a fault: schema: does not compile: must be a type's name or an array of different ones (at /type).","field":"schema","errors":["schema: does not compile: must be a type's name or an array of different ones (at /type)"]}
    "#);
    assert_snapshot!(post_receiver(&system, r#"{"$schema":"urn:mine"}"#).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_schema","message":"The body has a fault: schema: $schema must name draft 4, 6, 7, 2019-09 or 2020-12.","field":"schema","errors":["schema: $schema must name draft 4, 6, 7, 2019-09 or 2020-12"]}
    "#);
    assert_snapshot!(post_receiver(&system, "[]").await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_schema","message":"The body has a fault: schema: must be a JSON Schema: an object or a boolean.","field":"schema","errors":["schema: must be a JSON Schema: an object or a boolean"]}
    "#);
    assert_snapshot!(post_receiver(&system, r#"{"$ref":"http://127.0.0.1:1/s.json"}"#).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_schema","message":"The body has a fault: schema: does not compile: must lead to a schema of this document: nothing is fetched (at /$ref).","field":"schema","errors":["schema: does not compile: must lead to a schema of this document: nothing is fetched (at /$ref)"]}
    "#);
    assert_snapshot!(post_receiver(&system, r#"{"$ref":"file:///etc/hostname"}"#).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_schema","message":"The body has a fault: schema: does not compile: must lead to a schema of this document: nothing is fetched (at /$ref).","field":"schema","errors":["schema: does not compile: must lead to a schema of this document: nothing is fetched (at /$ref)"]}
    "#);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_a_receiver_whose_schema_is_no_longer_accepted_is_refused_with_the_reason() {
    let system = System::start().await;
    let partition = format!("RECEIVER#{UNKNOWN}");
    let mut item = ["name", "type", "version", "description"].map(|name| (name, "x")).to_vec();
    item.extend([("pk", &*partition), ("sk", "RECEIVER"), ("schema", r#"{"type":"strung"}"#)]);
    let text = |(name, text): (&str, &str)| (name.to_owned(), AttributeValue::S(text.to_owned()));
    system.put(item.into_iter().map(text).collect::<Item>()).await;
    assert_snapshot!(post_event(&system, UNKNOWN, &json!({})).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_schema","message":"The body has a fault: event_receiver_id: names a receiver whose schema is not accepted any more, declare another: it does not compile: must be a type's name or an array of different ones (at /type).","field":"event_receiver_id","errors":["event_receiver_id: names a receiver whose schema is not accepted any more, declare another: it does not compile: must be a type's name or an array of different ones (at /type)"]}
    "#);
}
