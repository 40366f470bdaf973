//! The table throttles, fails or is away: the caller hears 503 or 500, and nothing is half-written.

use end_to_end::{Answer, Mode, System};
use local::samples;
use serde_json::json;

fn assert_unavailable(answer: &Answer) {
    let message = "The registry is not available at the moment; send the request again.";
    assert_eq!(answer.status, 503, "{answer:?}");
    assert_eq!(answer.body, json!({"error": "unavailable", "message": message, "errors": [message]}));
    assert_eq!(answer.headers["retry-after"], "1");
    assert!(!answer.headers["x-request-id"].is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_is_away_or_throttles_is_503_and_nothing_is_half_written() {
    let (system, proxy) = System::start_behind_proxy().await;
    let receiver = system.create_receiver().await;
    system.next_messages(1);
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
    system.await_messages(&[id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_refuses_is_500_and_the_caller_learns_no_internals() {
    let (system, proxy) = System::start_behind_proxy().await;
    let receiver = system.create_receiver().await;
    proxy.set(Mode::Error(400, "AccessDeniedException"));
    let answer = system.post("/api/v1/events", samples::event(&receiver).to_string()).await;
    let message = "The registry failed; its operator finds the cause in the log under the request id.";
    assert_eq!(answer.status, 500);
    assert_eq!(answer.body, json!({"error": "internal_error", "message": message, "errors": [message]}));
    let log = system.stack.functions.log("create-event").unwrap();
    assert!(log.contains("AccessDeniedException"), "{log}");
    assert!(log.contains(&answer.headers["x-request-id"]), "{log}");
    assert!(!log.contains("8a41d5f"), "no payload in the log: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_answer_was_lost_is_done_once_with_an_idempotency_key() {
    let (system, proxy) = System::start_behind_proxy().await;
    let receiver = system.create_receiver().await;
    system.next_messages(1);
    let event = samples::event(&receiver);
    let group = samples::group(&receiver);
    for (path, body) in [("/api/v1/events", &event), ("/api/v1/event-receiver-groups", &group)] {
        proxy.set(Mode::LoseAnswers("TransactWriteItems"));
        assert_unavailable(&system.post_with_key(path, body, path).await);
        proxy.set(Mode::Pass);
        // It was stored, although its caller could not be told.
        let told = system.next_messages(1).remove(0);
        let answer = system.post_with_key(path, body, path).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        if path == "/api/v1/events" {
            assert_eq!(answer.body["data"], told.key);
        }
        assert_eq!(system.post_with_key(path, body, path).await.body, answer.body);
    }
    assert_eq!(system.unexpected_message(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_that_cannot_be_stored_fails_its_record() {
    let (system, proxy) = System::start_behind_proxy().await;
    let key = "EVENT#2023-12-19#Z 01HJ1K2M3N4P5Q6R7S8T9V0W1Z";
    let (partition, sort) = key.split_once(' ').unwrap();
    let record = json!({"eventName": "INSERT", "dynamodb": {
        "SequenceNumber": "7", "Keys": {"pk": {"S": partition}, "sk": {"S": sort}}, "NewImage": {},
    }});
    let batch = json!({"Records": [record]});
    proxy.set(Mode::Error(400, "ThrottlingException"));
    let answer = system.stack.invoke("publish-events", &batch).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": "7"}]}));

    proxy.set(Mode::Pass);
    let answer = system.stack.invoke("publish-events", &batch).await.unwrap();
    assert_eq!(answer, json!({"batchItemFailures": []}));
    let list = system.stack.invoke("redrive-dead-letters", &json!({"action": "list"})).await.unwrap();
    assert_eq!((&list["count"], &list["dead_letters"][0]["key"]), (&json!(1), &json!(key)), "{list}");

    // The table has no such item: nothing will ever publish it.
    let retry = json!({"action": "retry", "keys": [key]});
    let tried = system.stack.invoke("redrive-dead-letters", &retry).await.unwrap();
    assert_eq!(tried["parked"], 1, "{tried}");
}
