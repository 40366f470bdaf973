//! Batches of events: each event has a result of its own.

use std::collections::HashSet;

use end_to_end::{Response, System};
use insta::assert_snapshot;
use local::samples;
use serde_json::{Value, json};

const BATCH: &str = "/api/v1/events/batch";
const EVENTS: &str = "/api/v1/events";
const BATCHED: &str = "application/cloudevents-batch+json; charset=UTF-8";

fn events(receiver: &str, count: usize) -> Vec<Value> {
    vec![samples::event(receiver); count]
}

fn cloud_event(receiver: &str, id: &str, data: &Value) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "/ci", "type": "build", "receiverid": receiver, "version": "1",
        "release": "1", "platformid": "linux", "package": "myapp", "description": "d", "data": data,
    })
}

async fn post(system: &System, events: &[Value]) -> Response {
    system.post(BATCH, json!(events).to_string()).await
}

fn statuses(response: &Response) -> Vec<u64> {
    response.body["data"].as_array().unwrap().iter().map(|entry| entry["status"].as_u64().unwrap()).collect()
}

fn ids(response: &Response) -> Vec<String> {
    let entries = response.body["data"].as_array().unwrap();
    entries.iter().filter_map(|entry| Some(entry["data"].as_str()?.to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_a_hundred_events_arrives_whole() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let response = post(&system, &events(&receiver, 100)).await;
    assert_eq!(response.status, 200, "{response}");
    let ids = ids(&response);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), 100);
    let messages = system.await_messages(&ids).await;
    assert!(ids.iter().all(|id| messages[id].len() == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_event_does_not_stop_99_good_ones() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let mut batch = events(&receiver, 100);
    batch[41]["payload"] = json!({"commit": 7});
    batch[41]["time"] = json!("2024-01-15T10:30:00");
    let response = post(&system, &batch).await;
    assert_eq!(response.status, 207);
    assert_snapshot!(response.body["data"][41], @r#"{"error":"invalid_field","errors":["time: must be a time with an offset in RFC 3339, such as 2024-01-15T10:30:00Z","payload/commit: must be a string"],"field":"time","message":"The event has 2 faults, the first: time: must be a time with an offset in RFC 3339, such as 2024-01-15T10:30:00Z.","status":400}"#);
    let mut expected = vec![200; 100];
    expected[41] = 400;
    assert_eq!(statuses(&response), expected);
    let ids = ids(&response);
    assert_eq!(ids.len(), 99);
    system.await_messages(&ids).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_too_large_or_no_array_is_refused_as_a_whole() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let stored = system.keys().await;
    assert_snapshot!(post(&system, &events(&receiver, 101)).await, @r#"
    HTTP 413
    content-type: application/json
    x-request-id: [request id]

    {"error":"too_large","message":"A batch must have at most 100 events.","errors":["A batch must have at most 100 events."]}
    "#);
    let mut large = events(&receiver, 3);
    for event in &mut large {
        event["payload"] = json!({"commit": "x".repeat(200 * 1024)});
    }
    assert_snapshot!(post(&system, &large).await, @r#"
    HTTP 413
    content-type: application/json
    x-request-id: [request id]

    {"error":"too_large","message":"The body must have at most 512 KiB.","errors":["The body must have at most 512 KiB."]}
    "#);
    assert_snapshot!(system.post(BATCH, samples::event(&receiver).to_string()).await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_json","message":"The body is not valid JSON: invalid type: map, expected a JSON array at line 1 column 0.","errors":["The body is not valid JSON: invalid type: map, expected a JSON array at line 1 column 0."]}
    "#);
    assert_snapshot!(system.post(BATCH, "[{}, {").await, @r#"
    HTTP 400
    content-type: application/json
    x-request-id: [request id]

    {"error":"invalid_json","message":"The body is not valid JSON: EOF while parsing an object at line 1 column 6.","errors":["The body is not valid JSON: EOF while parsing an object at line 1 column 6."]}
    "#);
    assert_eq!(system.keys().await, stored);
    assert_snapshot!(post(&system, &[]).await, @r#"
    HTTP 200
    content-type: application/json
    x-request-id: [request id]

    {"data":[]}
    "#);
    assert_eq!(system.post(&format!("{BATCH}/"), "[]").await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_of_cloud_events_is_accepted_on_both_routes() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let commit = json!({"commit": "8a41d5f"});
    let batch = json!([
        cloud_event(&receiver, "1", &commit),
        cloud_event(&receiver, "1", &json!({"commit": "other"})),
        cloud_event(&receiver, "1", &commit),
        cloud_event(&receiver, "2", &json!({})),
        {"specversion": "0.3"},
    ]);
    let response = system.post_as(BATCHED, EVENTS, batch.to_string()).await;
    assert_eq!(statuses(&response), [200, 422, 200, 400, 400]);
    let entries = &response.body["data"];
    assert_eq!(entries[0]["data"], entries[2]["data"]);
    assert_snapshot!(entries[1], @r#"{"error":"idempotency_key_reused","errors":["A CloudEvent with this source and id had another content before: a new event takes a new id."],"message":"A CloudEvent with this source and id had another content before: a new event takes a new id.","status":422}"#);
    assert_snapshot!(entries[3], @r#"{"error":"payload_mismatch","errors":["data: must have the member \"commit\""],"field":"data","message":"The event has a fault: data: must have the member \"commit\".","status":400}"#);
    assert_eq!(system.post_as(BATCHED, BATCH, batch.to_string()).await.body, response.body);
    // An event is the same one alone and in a batch.
    let alone = cloud_event(&receiver, "1", &commit).to_string();
    let alone = system.post_as("application/cloudevents+json", EVENTS, alone).await;
    assert_eq!(alone.body["data"], entries[0]["data"]);
    let structured = system.post_as("application/cloudevents+json", BATCH, "[]").await;
    assert_eq!(structured.status, 415, "{structured}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_is_sent_again_with_its_key_gets_the_same_ids() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let batch = json!(events(&receiver, 10));
    let first = system.post_with_key(BATCH, &batch, "batch").await;
    assert_eq!(first.status, 200, "{first}");
    assert_eq!(ids(&first).iter().collect::<HashSet<_>>().len(), 10);
    assert_eq!(system.post_with_key(BATCH, &batch, "batch").await.body, first.body);
    let mut other = batch.clone();
    other[3]["success"] = json!(false);
    let response = system.post_with_key(BATCH, &other, "batch").await;
    assert_eq!(response.status, 207);
    assert_eq!(statuses(&response), [200, 200, 200, 422, 200, 200, 200, 200, 200, 200]);
    // The key of a single request is another one.
    let single = system.post_with_key(EVENTS, &batch[0], "batch").await;
    assert!(single.status == 200 && !ids(&first).contains(&single.id()), "{single}");
}
