//! An event that can never be published becomes a dead letter, which an operator retries or drops.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use end_to_end::{EventItem, System, eventually, partition_key};
use local::samples;
use serde_json::{Value, json};

const REDRIVE: &str = "redrive-dead-letters";

/// The event that cannot be published.
const POISON: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1Z";

/// Longer than a restart of the publisher.
const IS_STORED_WITHIN: Duration = Duration::from_secs(60);

async fn invoke(system: &System, request: Value) -> Value {
    system.invoke(REDRIVE, &request).await
}

/// Puts an item that no POST writes: its payload is not JSON. Returns its key.
async fn put_poison(system: &System) -> String {
    let item = EventItem::new(POISON).with("payload", "{secret");
    let key = item.key();
    system.put(item).await;
    key
}

/// The list, after the first dead letter is in it: it is written after its neighbours have arrived.
async fn first_list(system: &System) -> Value {
    eventually(IS_STORED_WITHIN, async || {
        let list = invoke(system, json!({"action": "list"})).await;
        if list["count"] == 0 { Err("there is no dead letter") } else { Ok(list) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_is_no_event_is_a_dead_letter_and_its_neighbours_arrive() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let before = system.create_events(&receiver, 3).await;
    let key = put_poison(&system).await;
    let after = system.create_events(&receiver, 3).await;
    system.await_messages(&[before, after].concat()).await;

    let list = first_list(&system).await;
    let letter = &list["dead_letters"][0];
    assert_eq!(
        (&letter["key"], &letter["attempts"], &letter["state"]),
        (&json!(key), &json!(1), &json!("waiting"))
    );
    let reason = letter["reason"].as_str().unwrap();
    assert!(reason.contains("payload is not JSON") && !reason.contains("secret"), "{reason}");
    // The publisher logs it after it is stored.
    let log = eventually(IS_STORED_WITHIN, async || {
        let log = system.log("publish-events");
        if log.contains(&key) { Ok(log) } else { Err("the dead letter is not in the log") }
    });
    let log = log.await;
    assert!(!log.contains("secret"), "{log}");

    // It is not due yet. An operator's retry does not wait, and fails again for the same reason.
    let tried = |published: u32, waiting: u32| json!({"published": published, "skipped": 0, "unrouted": 0, "waiting": waiting, "parked": 0, "failed": 0});
    assert_eq!(invoke(&system, json!({"action": "redrive"})).await, tried(0, 0));
    assert_eq!(invoke(&system, json!({"action": "retry", "keys": [key]})).await, tried(0, 1));
    let list = invoke(&system, json!({"action": "list"})).await;
    assert_eq!(list["dead_letters"][0]["attempts"], 2, "{list}");

    // After its item is fixed, the next attempt publishes it under its own id, and the dead letter is gone.
    let fixed = AttributeValue::S("{}".to_owned());
    system.set((&partition_key(POISON), POISON), "payload", fixed).await;
    assert_eq!(invoke(&system, json!({"action": "retry", "all": true})).await, tried(1, 0));
    let messages = system.await_messages(&[POISON.to_owned()]).await;
    assert_eq!(messages[POISON].len(), 1);
    assert_eq!(invoke(&system, json!({"action": "list"})).await, json!({"count": 0, "dead_letters": []}));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_the_stream_delivers_again_counts_no_further_attempt() {
    let system = System::start().await;
    let batch = json!({"Records": [EventItem::new(POISON).without("payload").record(1)]});
    for _ in 0..3 {
        assert_eq!(system.invoke("publish-events", &batch).await, json!({"batchItemFailures": []}));
    }
    let list = invoke(&system, json!({"action": "list"})).await;
    assert_eq!((&list["count"], &list["dead_letters"][0]["attempts"]), (&json!(1), &json!(1)), "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_parked_after_its_attempts_and_dropped_by_an_operator() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let key = put_poison(&system).await;
    system.await_messages(&system.create_events(&receiver, 1).await).await;
    first_list(&system).await;

    for attempt in 2..=10 {
        let tried = invoke(&system, json!({"action": "retry", "keys": [key]})).await;
        assert_eq!(tried["parked"], u32::from(attempt == 10), "attempt {attempt}: {tried}");
    }
    let list = invoke(&system, json!({"action": "list"})).await;
    assert_eq!(list["dead_letters"][0]["state"], "parked", "{list}");
    let redriven = invoke(&system, json!({"action": "redrive"})).await;
    assert_eq!(redriven["parked"], 0, "a parked dead letter is not tried");
    let log = system.log(REDRIVE);
    assert!(log.contains(r#""DeadLettersParked":1"#), "{log}");

    let operator = "arn:aws:sts::123456789012:assumed-role/operator/alice";
    let dropped = invoke(&system, json!({"action": "drop", "keys": [key], "requested_by": operator})).await;
    assert_eq!(dropped, json!({"dropped": 1}));
    let log = system.log(REDRIVE);
    for message in ["an operator drops dead letters", "an operator dropped a dead letter"] {
        let has_all = |line: &str| [operator, message, &key].iter().all(|part| line.contains(part));
        assert!(log.lines().any(has_all), "{log}");
    }
    assert_eq!(invoke(&system, json!({"action": "list"})).await["count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_names_no_dead_letter_is_refused() {
    let system = System::start().await;
    for (request, reason) in [
        (json!({"action": "retry"}), "must have either keys or all: true"),
        (json!({"action": "drop", "keys": ["EVENT#1 1"]}), "there is no dead letter EVENT#1 1"),
        (json!({"action": "retry", "keys": ["EVENT#1"]}), "must be an item's partition key and sort key"),
        (json!({"action": "forget"}), "unknown variant `forget`"),
        (json!({"action": "drop", "all": true, "requested_by": ""}), "requested_by must have 1 to 512 bytes"),
    ] {
        let error = system.stack.invoke(REDRIVE, &request).await.unwrap_err().to_string();
        assert!(error.contains(reason), "{request}: {error}");
    }
    let receiver = system.create_receiver().await;
    system.await_messages(&[system.create("/api/v1/events", &samples::event(&receiver)).await]).await;
}
