use std::{collections::HashSet, fs, sync::atomic::Ordering};

use insta::assert_snapshot;
use xzepr_domain::ReceiverId;
use xzepr_http::testing::{request, respond, with_key};

use super::*;
use crate::fake_store::{RECEIVER, Store};

const BATCH: &str = "/api/v1/events/batch";

fn event_of(receiver: &str, name: &str, payload: &str) -> String {
    format!(
        r#"{{"name":"{name}","version":"1","release":"r","platform_id":"p","package":"k","description":"d",
            "event_receiver_id":"{receiver}","payload":{payload}}}"#
    )
}

fn event(name: &str) -> String {
    event_of(RECEIVER, name, "{}")
}

fn cloud_event(id: &str, data: &str) -> String {
    format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"/ci","type":"n","receiverid":"{RECEIVER}","version":"1",
            "release":"r","platformid":"p","package":"k","description":"d","data":{data}}}"#
    )
}

async fn send(create_event: &CreateEvent<Store>, request: lambda_http::Request) -> String {
    respond(&create_event.api(), request).await
}

async fn post(create_event: &CreateEvent<Store>, events: &[String]) -> String {
    send(create_event, request("POST", BATCH, format!("[{}]", events.join(",")))).await
}

async fn post_cloud_events(create_event: &CreateEvent<Store>, events: &[String]) -> String {
    let mut request = request("POST", "/api/v1/events", format!("[{}]", events.join(",")));
    let content_type = "application/cloudevents-batch+json".parse().unwrap();
    request.headers_mut().insert("content-type", content_type);
    send(create_event, request).await
}

/// The response with a name for each id of a stored event.
fn named(create_event: &CreateEvent<Store>, response: &str) -> String {
    let stored = create_event.store.stored();
    let name = |text: String, (index, event): (usize, &xzepr_domain::Event)| {
        text.replace(&event.id.to_string(), &format!("ID {index}"))
    };
    stored.iter().enumerate().fold(response.to_owned(), name)
}

fn statuses(response: &str) -> Vec<&str> {
    response.split("{\"status\":").skip(1).map(|entry| &entry[..3]).collect()
}

#[tokio::test]
async fn a_batch_whose_events_are_all_stored_is_200() {
    let create_event = CreateEvent::new(Store::with_schema("true"));
    let response = post(&create_event, &[event("a"), event("b")]).await;
    assert_snapshot!(named(&create_event, &response), @r#"
    200 OK
    content-type: application/json
    x-request-id: REQUEST

    {"data":[{"status":200,"data":"ID 0"},{"status":200,"data":"ID 1"}]}
    "#);
    assert_snapshot!(post(&create_event, &[]).await, @r#"
    200 OK
    content-type: application/json
    x-request-id: REQUEST

    {"data":[]}
    "#);
}

#[tokio::test]
async fn an_event_that_is_refused_or_throttled_does_not_stop_the_others() {
    let create_event = CreateEvent::new(Store::with_schema(r#"{"type":"object"}"#));
    let events = [
        event("a"),
        "7".to_owned(),
        r#"{"a":1,"a":2}"#.to_owned(),
        event(""),
        event_of(RECEIVER, "b", "1"),
        event_of("01HJ1K2M3N4P5Q6R7S8T9V0W1Y", "c", "{}"),
        event("throttled"),
        event("d"),
    ];
    let response = post(&create_event, &events).await;
    assert_snapshot!(named(&create_event, &response).replace("},{\"status", "},\n{\"status"), @r#"
    207 Multi-Status
    content-type: application/json
    x-request-id: REQUEST

    {"data":[{"status":200,"data":"ID 0"},
    {"status":400,"error":"invalid_json","message":"The event is not valid JSON: invalid type: integer `7`, expected a JSON object at line 1 column 1.","errors":["The event is not valid JSON: invalid type: integer `7`, expected a JSON object at line 1 column 1."]},
    {"status":400,"error":"invalid_json","message":"The event is not valid JSON: duplicate member \"a\" at line 1 column 10.","errors":["The event is not valid JSON: duplicate member \"a\" at line 1 column 10."]},
    {"status":400,"error":"invalid_field","message":"The event has a fault: name: must not be blank.","field":"name","errors":["name: must not be blank"]},
    {"status":400,"error":"payload_mismatch","message":"The event has a fault: payload: must be an object.","field":"payload","errors":["payload: must be an object"]},
    {"status":400,"error":"unknown_receiver","message":"The event has a fault: event_receiver_id: names no event receiver: 01HJ1K2M3N4P5Q6R7S8T9V0W1Y.","field":"event_receiver_id","errors":["event_receiver_id: names no event receiver: 01HJ1K2M3N4P5Q6R7S8T9V0W1Y"]},
    {"status":503,"error":"unavailable","message":"The registry is not available at the moment; send this event again.","errors":["The registry is not available at the moment; send this event again."]},
    {"status":200,"data":"ID 1"}]}
    "#);
    assert_eq!(create_event.store.stored().len(), 2);
}

#[tokio::test]
async fn a_hundred_events_are_a_batch_and_one_more_is_too_many() {
    let create_event = CreateEvent::new(Store::with_schema("true"));
    let mut events: Vec<_> = (0..99).map(|index| event(&format!("n{index}"))).collect();
    events.insert(50, event(""));
    let response = post(&create_event, &events).await;
    assert!(response.starts_with("207"), "{response}");
    let mut expected = vec!["200"; 100];
    expected[50] = "400";
    assert_eq!(statuses(&response), expected);
    // The entries are in the order of the events, which is not the order of the writes.
    for (index, event) in create_event.store.stored().iter().enumerate() {
        let position = response.find(&event.id.to_string()).unwrap();
        let entry = response[..position].matches("\"status\"").count() - 1;
        let number: usize = event.name[1..].parse().unwrap();
        assert_eq!(entry, if number < 50 { number } else { number + 1 }, "{index}");
    }
    assert_eq!(create_event.store.most_writing.load(Ordering::Relaxed), AT_ONCE);
    assert_eq!(create_event.store.schema_reads.load(Ordering::Relaxed), AT_ONCE);
    events.push(event("last"));
    assert_snapshot!(post(&create_event, &events).await, @r#"
    413 Payload Too Large
    content-type: application/json
    x-request-id: REQUEST

    {"error":"too_large","message":"A batch must have at most 100 events.","errors":["A batch must have at most 100 events."]}
    "#);
    assert_eq!(create_event.store.stored().len(), 99);
}

#[tokio::test]
async fn a_later_event_of_a_batch_has_a_greater_id() {
    let create_event = CreateEvent::new(Store::with_schema("true"));
    let plain: Vec<_> = (0..100).map(|index| event(&format!("n{index}"))).collect();
    let cloud_events: Vec<_> = (0..100).map(|index| cloud_event(&index.to_string(), "1")).collect();
    for response in [post(&create_event, &plain).await, post_cloud_events(&create_event, &cloud_events).await]
    {
        let ids: Vec<_> = response.split("\"data\":\"").skip(1).map(|entry| &entry[..26]).collect();
        assert_eq!(ids.len(), 100);
        assert!(ids.is_sorted() && ids.iter().collect::<HashSet<_>>().len() == 100, "{ids:?}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_array_is_refused_as_a_whole() {
    let create_event = CreateEvent::new(Store::with_schema("true"));
    assert_snapshot!(send(&create_event, request("POST", BATCH, event("a"))).await, @r#"
    400 Bad Request
    content-type: application/json
    x-request-id: REQUEST

    {"error":"invalid_json","message":"The body is not valid JSON: invalid type: map, expected a JSON array at line 1 column 0.","errors":["The body is not valid JSON: invalid type: map, expected a JSON array at line 1 column 0."]}
    "#);
    let broken = format!("[{},{{]", event("a"));
    let response = send(&create_event, request("POST", BATCH, broken)).await;
    assert!(response.starts_with("400") && response.contains("invalid_json"), "{response}");
    let mut structured = request("POST", BATCH, "[]");
    let content_type = "application/cloudevents+json".parse().unwrap();
    structured.headers_mut().insert("content-type", content_type);
    assert_snapshot!(send(&create_event, structured).await, @r#"
    415 Unsupported Media Type
    content-type: application/json
    x-request-id: REQUEST

    {"error":"unsupported_media_type","message":"A CloudEvent is sent as application/cloudevents+json, and a batch of them as application/cloudevents-batch+json, both in UTF-8.","errors":["A CloudEvent is sent as application/cloudevents+json, and a batch of them as application/cloudevents-batch+json, both in UTF-8."]}
    "#);
    assert_eq!(create_event.store.stored(), []);
}

#[tokio::test]
async fn a_batch_with_a_key_that_is_sent_again_gets_the_first_ids() {
    let create_event = CreateEvent::new(Store::with_schema("true"));
    let post = async |events: &[String]| {
        let body = format!("[{}]", events.join(","));
        send(&create_event, with_key(request("POST", BATCH, body), "k")).await
    };
    let first = post(&[event("a"), event("a")]).await;
    assert_eq!(statuses(&first), ["200", "200"]);
    assert_eq!(create_event.store.stored().len(), 2);
    assert_eq!(post(&[event("a"), event("a")]).await, first);
    assert_eq!(statuses(&post(&[event("a"), event("b"), event("c")]).await), ["200", "422", "200"]);
    assert_eq!(create_event.store.stored().len(), 3);
}

#[tokio::test]
async fn the_same_source_and_id_in_a_batch_is_one_event() {
    let create_event = CreateEvent::new(Store::with_schema("true"));
    let events = [cloud_event("1", "1"), cloud_event("1", "2"), cloud_event("1", "1"), cloud_event("2", "1")];
    let response = post_cloud_events(&create_event, &events).await;
    assert_snapshot!(named(&create_event, &response).replace("},{\"status", "},\n{\"status"), @r#"
    207 Multi-Status
    content-type: application/json
    x-request-id: REQUEST

    {"data":[{"status":200,"data":"ID 0"},
    {"status":422,"error":"idempotency_key_reused","message":"A CloudEvent with this source and id had another content before: a new event takes a new id.","errors":["A CloudEvent with this source and id had another content before: a new event takes a new id."]},
    {"status":200,"data":"ID 0"},
    {"status":200,"data":"ID 1"}]}
    "#);
    assert_eq!(create_event.store.stored().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_event_that_is_not_stored_in_time_is_503_and_the_others_keep_their_ids() {
    let create_event = CreateEvent::new(Store::with_schema("true"));
    let response = post(&create_event, &[event("a"), event("slow"), event("b")]).await;
    assert!(response.starts_with("207"), "{response}");
    assert_eq!(statuses(&response), ["200", "503", "200"]);
    assert_eq!(create_event.store.stored().len(), 2);
}

/// The processor time of this thread, in milliseconds.
fn cpu_ms() -> u64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse::<u64>().unwrap() / 1_000_000
}

#[tokio::test]
async fn a_hundred_payloads_that_are_expensive_to_check_cost_as_much_as_one() {
    let patterns: Vec<_> = (0..1000).map(|index| format!(r#"{{"pattern":"c{index}"}}"#)).collect();
    let store = Store::with_schema(&format!(r#"{{"anyOf":[{}]}}"#, patterns.join(",")));
    let create_event = CreateEvent::new(store);
    let payload = format!("\"{}\"", "a".repeat(4900));
    // The schema is compiled before the measurement.
    post(&create_event, &[event_of(RECEIVER, "n", "\"c1\"")]).await;
    let events: Vec<_> = (0..100).map(|_| event_of(RECEIVER, "n", &payload)).collect();
    let before = cpu_ms();
    let response = post(&create_event, &events).await;
    let spent = cpu_ms() - before;
    println!("{spent} ms");
    assert!(spent < 500, "{spent} ms");
    assert_eq!(statuses(&response), ["400"; 100]);
    assert!(response.contains("payload_too_complex"), "{response}");
    assert!(
        response.contains("payload: takes more work to check than the other events of the batch have left")
    );
    assert!(response.len() < 256 * 1024, "{}", response.len());
}

#[tokio::test]
async fn a_batch_of_a_hundred_receivers_with_expensive_schemas_compiles_some_of_them() {
    let mut store = Store::default();
    let receivers: Vec<_> = (0..100).map(|_| ReceiverId::generate()).collect();
    let schema = r#"{"pattern":"^(\\p{L}{20}){5}$"}"#;
    store.schemas.extend(receivers.iter().map(|receiver| (*receiver, schema.to_owned())));
    let create_event = CreateEvent::new(store);
    let events: Vec<_> = receivers.iter().map(|receiver| event_of(&receiver.to_string(), "n", "1")).collect();
    let before = cpu_ms();
    let response = post(&create_event, &events).await;
    let spent = cpu_ms() - before;
    let count = |response: &str| statuses(response).into_iter().filter(|status| *status == "200").count();
    let first = count(&response);
    println!("{first} of 100 in {spent} ms");
    assert!((1..100).contains(&first) && statuses(&response).contains(&"503"), "{response}");
    assert!(spent < 1000, "{spent} ms");
    // Each retry gets on, since the compiled schemas stay in memory.
    assert!(count(&post(&create_event, &events).await) > first);
}

#[tokio::test]
async fn a_batch_of_a_hundred_receivers_with_large_schemas_compiles_some_of_them() {
    // Each id is resolved against the one before it, and little of them is left in the result.
    let ids: Vec<_> = (0..3000).map(|index| format!(r#""{index}":{{"$id":"{index}"}}"#)).collect();
    let base = "x".repeat(1990);
    let valid = format!(r#"{{"$id":"http://a/{base}/","definitions":{{{}}}}}"#, ids.join(","));
    let invalid = valid.replace("$id\":\"2999", "type\":\"strung");
    for schema in [valid, invalid] {
        let mut store = Store::default();
        let receivers: Vec<_> = (0..100).map(|_| ReceiverId::generate()).collect();
        store.schemas.extend(receivers.iter().map(|receiver| (*receiver, schema.clone())));
        let create_event = CreateEvent::new(store);
        let events: Vec<_> =
            receivers.iter().map(|receiver| event_of(&receiver.to_string(), "n", "1")).collect();
        let before = cpu_ms();
        let response = post(&create_event, &events).await;
        let spent = cpu_ms() - before;
        println!("{spent} ms");
        assert!(statuses(&response).contains(&"503"), "{response}");
        assert!(spent < 2000, "{spent} ms");
    }
}

#[tokio::test]
async fn a_hundred_receivers_of_ordinary_schemas_are_one_batch() {
    let mut store = Store::default();
    let receivers: Vec<_> = (0..100).map(|_| ReceiverId::generate()).collect();
    let schema = r##"{"type":"object","required":["commit"],"additionalProperties":false,"properties":{
        "commit":{"type":"string","pattern":"^[0-9a-f]{7,40}$"},"version":{"pattern":"^\\d+\\.\\d+\\.\\d+(-[0-9A-Za-z.-]+)?$"},
        "hash":{"pattern":"^sha256:[0-9a-f]{64}$"},"url":{"format":"uri"},"at":{"format":"date-time"},
        "note":{"type":"string","pattern":"^.{0,255}$"}}}"##;
    store.schemas.extend(receivers.iter().map(|receiver| (*receiver, schema.to_owned())));
    let create_event = CreateEvent::new(store);
    let payload = format!(
        r#"{{"commit":"8a41d5f","version":"1.2.3-rc.1","hash":"sha256:{}","url":"https://example.com/a",
            "at":"2026-11-24T10:30:00Z","note":"{}"}}"#,
        "0a".repeat(32),
        "é".repeat(250)
    );
    let events = receivers.iter().map(|receiver| event_of(&receiver.to_string(), "n", &payload));
    let response = post(&create_event, &events.collect::<Vec<_>>()).await;
    let ids: HashSet<_> = create_event.store.stored().iter().map(|event| event.id.to_string()).collect();
    assert!(response.starts_with("200"), "{response}");
    assert_eq!(ids.len(), 100);
}
