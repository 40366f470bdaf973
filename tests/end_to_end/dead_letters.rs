//! What can never be published becomes a dead letter, and an operator's business.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use end_to_end::System;
use local::samples;
use serde_json::{Value, json};
use tokio::time::sleep;

const REDRIVE: &str = "redrive-dead-letters";

async fn invoke(system: &System, request: Value) -> Value {
    system.stack.invoke(REDRIVE, &request).await.unwrap()
}

/// Puts an item that no POST writes: an event item of this id whose payload is no JSON.
async fn put_poison(system: &System, id: &str) -> String {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let partition = format!("EVENT#2023-12-19#{}", &id[25..]);
    let mut item = HashMap::from([
        ("pk".to_owned(), text(&partition)),
        ("sk".to_owned(), text(id)),
        ("event_receiver_id".to_owned(), text("01HJ1K2M3N4P5Q6R7S8T9V0W1X")),
        ("success".to_owned(), AttributeValue::Bool(true)),
        ("payload".to_owned(), text("{secret")),
    ]);
    for name in ["name", "version", "release", "platform_id", "package", "description"] {
        item.insert(name.to_owned(), text(name));
    }
    system.put_raw(item).await;
    format!("{partition} {id}")
}

/// The list, once there is a dead letter: it is written after its neighbours have arrived.
async fn first_list(system: &System) -> Value {
    loop {
        let list = invoke(system, json!({"action": "list"})).await;
        if list["count"] != 0 {
            return list;
        }
        sleep(Duration::from_millis(50)).await;
    }
}

const POISON: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1Z";

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_is_no_event_is_a_dead_letter_and_its_neighbours_arrive() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let before = system.create_events(&receiver, 3).await;
    let key = put_poison(&system, POISON).await;
    let after = system.create_events(&receiver, 3).await;
    system.await_messages(&[before, after].concat());

    let list = first_list(&system).await;
    let letter = &list["dead_letters"][0];
    assert_eq!(
        (&letter["key"], &letter["attempts"], &letter["state"]),
        (&json!(key), &json!(1), &json!("waiting"))
    );
    let reason = letter["reason"].as_str().unwrap();
    assert!(reason.contains("payload is not JSON") && !reason.contains("secret"), "{reason}");
    let log = system.stack.functions.log("publish-events").unwrap();
    assert!(log.contains(&key) && !log.contains("secret"), "{log}");

    // Not due yet; an operator's retry does not wait, and fails again for the same reason.
    let tried = |published: u32, waiting: u32| json!({"published": published, "waiting": waiting, "parked": 0, "failed": 0});
    assert_eq!(invoke(&system, json!({"action": "redrive"})).await, tried(0, 0));
    assert_eq!(invoke(&system, json!({"action": "retry", "keys": [key]})).await, tried(0, 1));
    let list = invoke(&system, json!({"action": "list"})).await;
    assert_eq!(list["dead_letters"][0]["attempts"], 2, "{list}");

    // The item is mended: the next attempt publishes it under its own id, and the letter is gone.
    mend(&system, POISON).await;
    assert_eq!(invoke(&system, json!({"action": "retry", "all": true})).await, tried(1, 0));
    let messages = system.await_messages(&[POISON.to_owned()]);
    assert_eq!(messages[POISON].len(), 1);
    assert_eq!(invoke(&system, json!({"action": "list"})).await, json!({"count": 0, "dead_letters": []}));
}

async fn mend(system: &System, id: &str) {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    system
        .dynamodb
        .update_item()
        .table_name(&system.stack.table)
        .key("pk", text(&format!("EVENT#2023-12-19#{}", &id[25..])))
        .key("sk", text(id))
        .update_expression("SET payload = :payload")
        .expression_attribute_values(":payload", text("{}"))
        .send()
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_the_stream_delivers_again_counts_no_further_attempt() {
    let system = System::start().await;
    let keys = json!({"pk": {"S": "EVENT#2023-12-19#Z"}, "sk": {"S": POISON}});
    let record =
        json!({"eventName": "INSERT", "dynamodb": {"SequenceNumber": "1", "Keys": keys, "NewImage": keys}});
    for _ in 0..3 {
        let answer = system.stack.invoke("publish-events", &json!({"Records": [record]})).await.unwrap();
        assert_eq!(answer, json!({"batchItemFailures": []}));
    }
    let list = invoke(&system, json!({"action": "list"})).await;
    assert_eq!((&list["count"], &list["dead_letters"][0]["attempts"]), (&json!(1), &json!(1)), "{list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_parked_after_its_attempts_and_dropped_by_an_operator() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let key = put_poison(&system, POISON).await;
    system.await_messages(&system.create_events(&receiver, 1).await);
    first_list(&system).await;

    for attempt in 2..=10 {
        let tried = invoke(&system, json!({"action": "retry", "keys": [key]})).await;
        assert_eq!(tried["parked"], u32::from(attempt == 10), "attempt {attempt}: {tried}");
    }
    let list = invoke(&system, json!({"action": "list"})).await;
    assert_eq!(list["dead_letters"][0]["state"], "parked", "{list}");
    assert_eq!(invoke(&system, json!({"action": "redrive"})).await["parked"], 0, "parked ones rest");
    let log = system.stack.functions.log(REDRIVE).unwrap();
    assert!(log.contains(r#""DeadLettersParked":1"#), "{log}");

    let dropped = invoke(&system, json!({"action": "drop", "keys": [key]})).await;
    assert_eq!(dropped, json!({"dropped": 1}));
    assert_eq!(invoke(&system, json!({"action": "list"})).await["count"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_names_nothing_is_refused() {
    let system = System::start().await;
    for (request, reason) in [
        (json!({"action": "retry"}), "give keys, or all: true"),
        (json!({"action": "drop", "keys": ["EVENT#1 1"]}), "there is no dead letter EVENT#1 1"),
        (json!({"action": "retry", "keys": ["EVENT#1"]}), "must be an item's partition key and sort key"),
        (json!({"action": "forget"}), "unknown variant `forget`"),
    ] {
        let error = system.stack.invoke(REDRIVE, &request).await.unwrap_err().to_string();
        assert!(error.contains(reason), "{request}: {error}");
    }
    let receiver = system.create_receiver().await;
    system.await_messages(&[system.create("/api/v1/events", &samples::event(&receiver)).await]);
}
