//! `Idempotency-Key`: two requests with one key are one.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::AttributeValue;
use end_to_end::System;
use local::samples;
use serde_json::json;

const EVENTS: &str = "/api/v1/events";
const RECEIVERS: &str = "/api/v1/event-receivers";
const GROUPS: &str = "/api/v1/event-receiver-groups";

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_with_the_same_key_gets_the_first_answer() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    system.next_messages(1);
    for (path, body) in [(EVENTS, samples::event(&receiver)), (GROUPS, samples::group(&receiver))] {
        let first = system.post_with_key(path, &body, &format!("\"of {path}\"")).await;
        assert_eq!(first.status, 200, "{first:?}");
        let again = system.post_with_key(path, &body, &format!("of {path}")).await;
        assert_eq!((again.status, &again.body), (200, &first.body));
        system.next_messages(1);
    }
    let mut other = samples::receiver();
    other["version"] = json!("2.0.0");
    let first = system.post_with_key(RECEIVERS, &other, "receiver").await;
    let again = system.post_with_key("/api/v1/receivers", &other, "receiver").await;
    assert_eq!((first.status, again.status, &first.body), (200, 200, &again.body));
    system.next_messages(1);
    assert_eq!(system.unexpected_message(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_another_request_is_refused() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let event = samples::event(&receiver);
    assert_eq!(system.post_with_key(EVENTS, &event, "key").await.status, 200);
    let mut other = event.clone();
    other["success"] = json!(false);
    for (path, body) in [(EVENTS, &other), (GROUPS, &event)] {
        let answer = system.post_with_key(path, body, "key").await;
        assert_eq!((answer.status, &answer.body["error"]), (422, &json!("idempotency_key_reused")));
    }
    // A receiver that exists is answered with its id, but its key is its request's all the same.
    assert_eq!(
        system.post_with_key(RECEIVERS, &samples::receiver(), "declared").await.body["data"],
        receiver
    );
    assert_eq!(system.post_with_key(RECEIVERS, &json!({}), "declared").await.status, 422);

    let answer = system.post_with_key(EVENTS, &event, "\"").await;
    assert_eq!((answer.status, &answer.body["error"]), (400, &json!("invalid_idempotency_key")));
    // A refused request keeps no key: mended, it is accepted.
    assert_eq!(system.post_with_key(EVENTS, &json!({}), "mended").await.status, 400);
    assert_eq!(system.post_with_key(EVENTS, &event, "mended").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_callers_at_once_with_one_key_make_one_event() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    system.next_messages(1);
    let event = samples::event(&receiver);
    let requests = (0..50).map(|_| system.post_with_key(EVENTS, &event, "fifty"));
    let answers = futures_util::future::join_all(requests).await;
    let ids: HashSet<_> = answers
        .iter()
        .map(|answer| {
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.body["data"].as_str().unwrap()
        })
        .collect();
    assert_eq!(ids.len(), 1);
    assert!(ids.contains(system.next_messages(1)[0].key.as_str()));
    assert_eq!(system.unexpected_message(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_ends_after_its_day() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let event = samples::event(&receiver);
    let first = system.post_with_key(EVENTS, &event, "key").await;
    system
        .dynamodb
        .update_item()
        .table_name(&system.stack.table)
        .key("pk", AttributeValue::S("IDEMPOTENCY#anonymous#key".to_owned()))
        .key("sk", AttributeValue::S("IDEMPOTENCY".to_owned()))
        .update_expression("SET expires_at = :past")
        .expression_attribute_values(":past", AttributeValue::N("1".to_owned()))
        .send()
        .await
        .unwrap();
    let second = system.post_with_key(EVENTS, &event, "key").await;
    assert_eq!((first.status, second.status), (200, 200));
    assert_ne!(first.body, second.body);
    assert_eq!(system.post_with_key(EVENTS, &event, "key").await.body, second.body);
}
