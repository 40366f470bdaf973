//! xzatoma's REST client, which finds its receiver in the list or else creates it, and then posts events.

use end_to_end::System;
use serde_json::{Value, json};

use super::{PAGINATION, RECEIVER, assert_decodes};

/// The list of the receivers with a name and a type, whose texts are encoded like a form: a space is a `+`.
async fn list(system: &System, name: &str, kind: &str) -> Value {
    let page = system.read(&format!("/api/v1/receivers?limit=10&offset=0&name={name}&type={kind}")).await;
    assert_decodes(&page["pagination"], &PAGINATION);
    for entry in page["data"].as_array().unwrap() {
        assert_decodes(entry, &RECEIVER);
    }
    page
}

#[tokio::test(flavor = "multi_thread")]
async fn xzatoma_finds_no_receiver_and_creates_it_and_then_finds_it() {
    let system = System::start().await;
    for (name, encoded) in [
        ("worker", "worker"),
        ("night worker", "night+worker"),
        ("a+b,c=d&e/é%?", "a%2Bb%2Cc%3Dd%26e%2F%C3%A9%25%3F"),
    ] {
        let none = list(&system, encoded, "watcher").await;
        assert_eq!((&none["data"], &none["pagination"]["total"]), (&json!([]), &json!(0)), "{none}");
        let body = json!({"name": name, "type": "watcher", "version": "1.0.0", "description": "d",
            "schema": {"type": "object"}});
        let id = system.create("/api/v1/receivers", &body).await;

        let page = list(&system, encoded, "watcher").await;
        let found = &page["data"][0];
        assert_eq!((&found["id"], &found["name"]), (&json!(id), &json!(name)), "{page}");
        let pagination = json!({"limit": 10, "offset": 0, "total": 1, "has_more": false, "next": null});
        assert_eq!(page["pagination"], pagination, "{page}");
        let read = system.read(&format!("/api/v1/receivers/{id}")).await;
        assert_decodes(&read, &RECEIVER);
        for (member, _) in RECEIVER {
            assert_eq!(read[member], found[member], "{member}: {read}");
        }
        let other = list(&system, encoded, "watch").await;
        assert_eq!(other["data"], json!([]), "{other}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn xzatoma_posts_the_events_of_its_work() {
    let system = System::start().await;
    let receiver = json!({"name": "n", "type": "worker", "version": "1.0.0", "description": "d",
        "schema": {"type": "object"}});
    let receiver = system.create("/api/v1/receivers", &receiver).await;
    for (status, success) in [("started", true), ("completed", true), ("failed", false)] {
        let event = json!({"name": format!("task.{status}"), "version": "1.0.0", "release": "1.0.0",
            "platform_id": "kubernetes", "package": "svc", "description": format!("Work {status}: task (w1)"),
            "payload": {"work_id": "w1", "status": status, "details": {}}, "success": success,
            "event_receiver_id": receiver});
        let id = system.create("/api/v1/events", &event).await;
        let read = system.read(&format!("/api/v1/events/{id}")).await;
        assert_eq!((&read["payload"], &read["success"]), (&event["payload"], &json!(success)), "{read}");
    }
}

/// It tells only the status 404 from other failures.
#[tokio::test(flavor = "multi_thread")]
async fn xzatoma_tells_an_unknown_receiver_from_a_failure() {
    let system = System::start().await;
    for id in ["01HJ1K2M3N4P5Q6R7S8T9V0W1X", "receiver-123"] {
        let unknown = system.get(&format!("/api/v1/receivers/{id}")).await;
        assert_eq!(unknown.status, 404, "{unknown}");
    }
}
