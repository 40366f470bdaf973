//! `Idempotency-Key`: two requests with one key are one request.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::AttributeValue;
use end_to_end::System;
use insta::assert_snapshot;
use local::samples;
use serde_json::{Value, json};

const EVENTS: &str = "/api/v1/events";
const RECEIVERS: &str = "/api/v1/event-receivers";
const GROUPS: &str = "/api/v1/event-receiver-groups";

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_with_the_same_key_gets_the_first_response() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    system.next_messages(1).await;
    for (path, body) in [(EVENTS, samples::event(&receiver)), (GROUPS, samples::group(&receiver))] {
        let first = system.post_with_key(path, &body, &format!("\"of {path}\"")).await;
        assert_eq!(first.status, 200, "{first}");
        let again = system.post_with_key(path, &body, &format!("of {path}")).await;
        assert_eq!(again.to_string(), first.to_string());
        system.next_messages(1).await;
    }
    let mut other = samples::receiver();
    other["version"] = json!("2.0.0");
    let first = system.post_with_key(RECEIVERS, &other, "receiver").await;
    let again = system.post_with_key("/api/v1/receivers", &other, "receiver").await;
    assert_eq!((first.status, again.status, &first.body), (200, 200, &again.body));
    system.next_messages(1).await;
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
    let refused = system.post_with_key(EVENTS, &other, "key").await;
    assert_snapshot!(refused, @r#"
    HTTP 422
    content-type: application/json
    x-request-id: [request id]

    {"error":"idempotency_key_reused","message":"The header Idempotency-Key was sent with another request before: a new request takes a new key.","errors":["The header Idempotency-Key was sent with another request before: a new request takes a new key."]}
    "#);
    assert_eq!(system.post_with_key(GROUPS, &event, "key").await.to_string(), refused.to_string());
    // The response to a known receiver is its id. The key belongs to this request all the same.
    assert_eq!(
        system.post_with_key(RECEIVERS, &samples::receiver(), "declared").await.body["data"],
        receiver
    );
    assert_eq!(system.post_with_key(RECEIVERS, &json!({}), "declared").await.status, 422);

    assert_snapshot!(system.post_with_key(EVENTS, &event, "\"").await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_idempotency_key","message":"The header Idempotency-Key must be 1 to 255 printable ASCII characters, in quotes or without any.","errors":["The header Idempotency-Key must be 1 to 255 printable ASCII characters, in quotes or without any."]}
    "#);
    // A refused request keeps no key: with a valid body it is accepted.
    assert_eq!(system.post_with_key(EVENTS, &json!({}), "refused").await.status, 400);
    assert_eq!(system.post_with_key(EVENTS, &event, "refused").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_callers_at_once_with_one_key_make_one_event() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    system.next_messages(1).await;
    let event = samples::event(&receiver);
    let requests = (0..50).map(|_| system.post_with_key(EVENTS, &event, "fifty"));
    let responses = futures_util::future::join_all(requests).await;
    let ids: HashSet<_> = responses
        .iter()
        .map(|response| {
            assert_eq!(response.status, 200, "{response}");
            response.id()
        })
        .collect();
    assert_eq!(ids.len(), 1);
    assert!(ids.contains(&system.next_messages(1).await[0].key));
    assert_eq!(system.unexpected_message(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_ends_after_its_day() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let event = samples::event(&receiver);
    let first = system.post_with_key(EVENTS, &event, "key").await;
    let keys = system.keys().await;
    let (partition, sort) = keys.iter().find(|(pk, _)| pk.starts_with("IDEMPOTENCY#")).unwrap();
    system.set((partition, sort), "expires_at", AttributeValue::N("1".to_owned())).await;
    let second = system.post_with_key(EVENTS, &event, "key").await;
    assert_eq!((first.status, second.status), (200, 200));
    assert_ne!(first.body, second.body);
    assert_eq!(system.post_with_key(EVENTS, &event, "key").await.body, second.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_different_keys_in_one_request_are_refused() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let event = samples::event(&receiver);
    let stored = system.keys().await;
    assert_snapshot!(system.post_with_keys(EVENTS, &event, &["a", "b"]).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_idempotency_key","message":"The header Idempotency-Key has more than one key: a request has one, and a key that contains a comma is sent in quotes.","errors":["The header Idempotency-Key has more than one key: a request has one, and a key that contains a comma is sent in quotes."]}
    "#);
    assert_eq!(system.keys().await, stored);

    let same = system.post_with_keys(EVENTS, &event, &["a", "\"a\""]).await;
    assert_eq!((same.status, &same.body), (200, &system.post_with_key(EVENTS, &event, "a").await.body));
    let comma = system.post_with_key(EVENTS, &event, "\"a,b\"").await;
    assert_eq!(comma.status, 200, "{comma}");
}

/// A request in the form in which the function gets it from API Gateway, with the facts that an authorizer adds.
fn authorized(receiver: &str, authorizer: &Value, headers: &Value) -> Value {
    json!({
        "version": "2.0", "routeKey": "ANY /api/v1/events", "rawPath": EVENTS, "rawQueryString": "",
        "headers": headers, "isBase64Encoded": false, "body": samples::event(receiver).to_string(),
        "requestContext": {
            "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d", "requestId": "r",
            "http": {"method": "POST", "path": EVENTS, "protocol": "HTTP/1.1", "sourceIp": "1.1.1.1", "userAgent": "x"},
            "routeKey": "ANY /api/v1/events", "stage": "$default", "time": "t", "timeEpoch": 1,
            "authorizer": authorizer,
        },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_belongs_to_its_caller_in_every_session() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let keyed = json!({"idempotency-key": "key"});
    let post = async |authorizer: Value, headers: &Value| {
        let request = authorized(&receiver, &authorizer, headers);
        let response = system.invoke("create-event", &request).await;
        let body: Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
        (response["statusCode"].as_u64().unwrap(), body)
    };
    let session = |role: &str, name: &str| json!({"iam": {"userArn": format!("arn:aws:sts::1:assumed-role/{role}/{name}")}});
    let first = post(session("ci", "run-1"), &keyed).await;
    assert_eq!(first.0, 200, "{first:?}");
    assert_eq!(post(session("ci", "run-2"), &keyed).await, first);
    assert_ne!(post(session("cd", "run-1"), &keyed).await, first);
    // A partition key of DynamoDB has at most 2,048 bytes.
    let long = json!({"lambda": {"principalId": "x".repeat(3000)}});
    assert_eq!(post(long, &keyed).await.0, 200);

    for nobody in [json!({"jwt": {"claims": {"iss": "i"}, "scopes": null}}), json!({"lambda": {}})] {
        let (status, body) = post(nobody.clone(), &keyed).await;
        assert_eq!((status, &body["error"]), (400, &json!("invalid_idempotency_key")), "{body}");
        assert_eq!(post(nobody, &json!({})).await.0, 200, "a request without a key needs no caller");
    }
}
