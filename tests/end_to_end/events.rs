//! Events: accepted, stored, published.

use std::slice;

use end_to_end::{System, created_at, redacted};
use insta::assert_snapshot;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_event_arrives_whole_with_its_payload_byte_for_byte() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let body = r#"{"name":"deployment.success","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes",
            "package":"myapp","description":"Deployed \u00fc \"myapp\"","event_receiver_id":"RECEIVER",
            "success":true,"payload":{ "z": 1.50,  "commit":"a\u00e9", "a":[1e2 , 12345678901234567890] }}"#;
    let response = system.post("/api/v1/events", body.replace("RECEIVER", &receiver)).await;
    let id = response.id();
    assert_snapshot!(redacted(&response, &[(&id, "event")]), @r#"
    HTTP 200
    content-type: application/json
    x-request-id: [request id]

    {"data":"[event]"}
    "#);

    let messages = system.await_messages(slice::from_ref(&id)).await;
    let message = &messages[&id][0].value;
    let values = [(&*id, "event"), (&receiver, "receiver"), (&created_at(&id), "time of the event's id")];
    assert_snapshot!(redacted(message, &values), @r#"{"success":true,"id":"[event]","specversion":"1.0.1","type":"deployment.success","source":"xzepr.event.receiver.[receiver]","api_version":"v1","name":"deployment.success","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","data":{"description":"Deployed ü \"myapp\"","event_receiver_id":"[receiver]","created_at":"[time of the event's id]","payload":{ "z": 1.50,  "commit":"a\u00e9", "a":[1e2 , 12345678901234567890] }}}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_events_arrive_once_each() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    // The receiver's message is in another partition, and could otherwise be read last.
    system.next_messages(1).await;
    let ids = system.create_events(&receiver, 50).await;
    let messages = system.await_messages(&ids).await;
    for id in &ids {
        assert_eq!(messages[id].len(), 1, "{id}");
    }
    assert_eq!(system.unexpected_message(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_members_that_existing_clients_send_are_ignored() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let mut body = local::samples::event(&receiver);
    body["id"] = json!("");
    body["created_at"] = json!("0001-01-01T00:00:00Z");
    body["EventReceiver"] = json!({"id": receiver});
    system.create("/api/v1/events", &body).await;
}
