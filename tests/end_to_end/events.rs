//! Events: accepted, stored, published.

use end_to_end::System;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_event_arrives_whole_with_its_payload_byte_for_byte() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let body = format!(
        r#"{{"name":"deployment.success","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes",
            "package":"myapp","description":"Deployed \u00fc \"myapp\"","event_receiver_id":"{receiver}",
            "success":true,"payload":{{ "z": 1.50,  "commit":"a\u00e9", "a":[1e2 , 12345678901234567890] }}}}"#
    );
    let answer = system.post("/api/v1/events", body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.headers["content-type"], "application/json");
    assert!(!answer.headers["x-request-id"].is_empty());
    let id = answer.body["data"].as_str().unwrap().to_owned();
    assert_eq!(answer.body, json!({ "data": id }));

    let messages = system.await_messages(std::slice::from_ref(&id));
    let message = &messages[&id][0];
    let created_at = created_at(&message.value);
    assert_eq!(
        message.value,
        format!(
            concat!(
                r#"{{"success":true,"id":"{id}","specversion":"1.0.1","type":"deployment.success","#,
                r#""source":"xzepr.event.receiver.{receiver}","api_version":"v1","name":"deployment.success","#,
                r#""version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","#,
                r#""data":{{"description":"Deployed ü \"myapp\"","event_receiver_id":"{receiver}","#,
                r#""created_at":"{created_at}","#,
                r#""payload":{{ "z": 1.50,  "commit":"a\u00e9", "a":[1e2 , 12345678901234567890] }}}}}}"#,
            ),
            id = id,
            receiver = receiver,
            created_at = created_at,
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn many_events_arrive_once_each() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let ids = system.create_events(&receiver, 50).await;
    let messages = system.await_messages(&ids);
    for id in &ids {
        assert_eq!(messages[id].len(), 1, "{id}");
    }
    assert_eq!(system.unexpected_message(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn existing_clients_may_send_members_that_mean_nothing() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let mut body = local::samples::event(&receiver);
    body["id"] = json!("");
    body["created_at"] = json!("0001-01-01T00:00:00Z");
    body["EventReceiver"] = json!({"id": receiver});
    system.create("/api/v1/events", &body).await;
}

fn created_at(message: &str) -> String {
    let message: serde_json::Value = serde_json::from_str(message).unwrap();
    message["data"]["created_at"].as_str().unwrap().to_owned()
}
