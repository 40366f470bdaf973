//! The table throttles, fails or is unavailable: the caller gets 503 or 500, and nothing is half-written.

use end_to_end::{EventItem, Mode, Response, System};
use insta::{allow_duplicates, assert_snapshot};
use local::samples;
use serde_json::json;

fn assert_unavailable(response: &Response) {
    allow_duplicates! {
        assert_snapshot!(response, @r#"
        HTTP 503
        content-type: application/json
        retry-after: 1
        x-request-id: [request id]

        {"error":"unavailable","message":"The registry is not available at the moment; send the request again.","errors":["The registry is not available at the moment; send the request again."]}
        "#);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_unavailable_or_throttles_is_503_and_nothing_is_half_written() {
    let (system, proxy) = System::start_behind_proxy().await;
    let receiver = system.create_receiver().await;
    system.next_messages(1).await;
    let stored = system.keys().await;
    let group = samples::group(&receiver).to_string();
    let event = samples::event(&receiver).to_string();
    let mut other = samples::receiver();
    other["version"] = json!("2");

    for mode in [
        Mode::Cut,
        Mode::Hang,
        Mode::Error(400, "ProvisionedThroughputExceededException"),
        Mode::Error(400, "ThrottlingException"),
        Mode::Error(500, "InternalServerError"),
    ] {
        proxy.set(mode);
        assert_unavailable(&system.post("/api/v1/events", event.clone()).await);
        assert_unavailable(&system.post("/api/v1/event-receiver-groups", group.clone()).await);
        assert_unavailable(&system.post("/api/v1/event-receivers", other.to_string()).await);
        assert_eq!(system.keys().await, stored);
    }

    proxy.set(Mode::Pass);
    let id = system.create("/api/v1/events", &samples::event(&receiver)).await;
    system.await_messages(&[id]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_the_table_throttles_has_an_entry_for_each_event() {
    let (system, proxy) = System::start_behind_proxy().await;
    let receiver = system.create_receiver().await;
    let stored = system.keys().await;
    let batch = json!([samples::event(&receiver), samples::event(&receiver), {}]);
    for mode in [Mode::Error(400, "ThrottlingException"), Mode::Hang] {
        proxy.set(mode);
        let response = system.post("/api/v1/events/batch", batch.to_string()).await;
        assert_eq!(response.status, 207, "{response}");
        let statuses: Vec<_> = (0..3).map(|index| response.body["data"][index]["status"].clone()).collect();
        assert_eq!(statuses, [503, 503, 400], "{response}");
    }
    assert_eq!(system.keys().await, stored);
    proxy.set(Mode::Pass);
    let response = system.post("/api/v1/events/batch", batch.to_string()).await;
    assert_eq!((response.status, &response.body["data"][2]["status"]), (207, &json!(400)), "{response}");
    let ids = [0, 1].map(|index| response.body["data"][index]["data"].as_str().unwrap().to_owned());
    system.await_messages(&ids).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_refuses_is_500_and_the_response_names_no_internals() {
    let (system, proxy) = System::start_behind_proxy().await;
    let receiver = system.create_receiver().await;
    proxy.set(Mode::Error(400, "AccessDeniedException"));
    let response = system.post("/api/v1/events", samples::event(&receiver).to_string()).await;
    assert_snapshot!(response, @r#"
    HTTP 500
    content-type: application/json
    x-request-id: [request id]

    {"error":"internal_error","message":"The registry failed; its operator finds the cause in the log under the request id.","errors":["The registry failed; its operator finds the cause in the log under the request id."]}
    "#);
    let log = system.log("create-event");
    assert!(log.contains("AccessDeniedException"), "{log}");
    assert!(log.contains(&response.headers["x-request-id"]), "{log}");
    assert!(!log.contains("8a41d5f"), "no payload in the log: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_response_was_lost_takes_effect_once_with_an_idempotency_key() {
    let (system, proxy) = System::start_behind_proxy().await;
    let receiver = system.create_receiver().await;
    system.next_messages(1).await;
    let event = samples::event(&receiver);
    let group = samples::group(&receiver);
    for (path, body) in [("/api/v1/events", &event), ("/api/v1/event-receiver-groups", &group)] {
        proxy.set(Mode::LoseResponses("TransactWriteItems"));
        assert_unavailable(&system.post_with_key(path, body, path).await);
        proxy.set(Mode::Pass);
        // It was stored, although its caller got an error.
        let stored = system.next_messages(1).await.remove(0);
        let response = system.post_with_key(path, body, path).await;
        assert_eq!(response.status, 200, "{response}");
        if path == "/api/v1/events" {
            assert_eq!(response.id(), stored.key);
        }
        assert_eq!(system.post_with_key(path, body, path).await.body, response.body);
    }
    assert_eq!(system.unexpected_message(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_that_cannot_be_stored_fails_its_record() {
    let (system, proxy) = System::start_behind_proxy().await;
    let poison = EventItem::new("01HJ1K2M3N4P5Q6R7S8T9V0W1Z").without("payload");
    let batch = json!({"Records": [poison.record(7)]});
    proxy.set(Mode::Error(400, "ThrottlingException"));
    let response = system.invoke("publish-events", &batch).await;
    assert_eq!(response, json!({"batchItemFailures": [{"itemIdentifier": "7"}]}));

    proxy.set(Mode::Pass);
    let response = system.invoke("publish-events", &batch).await;
    assert_eq!(response, json!({"batchItemFailures": []}));
    let list = system.invoke("redrive-dead-letters", &json!({"action": "list"})).await;
    assert_eq!(
        (&list["count"], &list["dead_letters"][0]["key"]),
        (&json!(1), &json!(poison.key())),
        "{list}"
    );

    // The table has no such item: nothing will ever publish it.
    let retry = json!({"action": "retry", "keys": [poison.key()]});
    let tried = system.invoke("redrive-dead-letters", &retry).await;
    assert_eq!(tried["parked"], 1, "{tried}");
}
