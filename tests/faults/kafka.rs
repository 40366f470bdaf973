//! Kafka is away.

use end_to_end::System;
use local::kafka::Kafka;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn events_accepted_while_kafka_is_down_arrive_when_it_is_back() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    let mut ids = system.create_events(&receiver, 5).await;
    system.await_messages(&ids);

    system.stack.kafka.down().await.unwrap();
    let accepted = system.create_events(&receiver, 20).await;
    tokio::time::sleep(std::time::Duration::from_secs(3)).await;
    system.stack.kafka.up().await.unwrap();
    let messages = system.await_messages(&accepted);
    for (id, records) in &messages {
        let bodies: std::collections::HashSet<_> = records.iter().map(|record| &record.value).collect();
        assert_eq!(bodies.len(), 1, "every delivery of {id} has the same bytes");
    }

    ids = system.create_events(&receiver, 5).await;
    system.await_messages(&ids);
}

/// A record of the stream, of an event that is not in the table.
fn record(number: usize) -> Value {
    let id = format!("01HJ1K2M3N4P5Q6R7S8T9V0W{number:02}");
    let partition = format!("EVENT#2023-12-19#{}", number % 10);
    let mut image = json!({
        "pk": {"S": partition}, "sk": {"S": id}, "success": {"BOOL": true}, "payload": {"S": "{}"},
        "event_receiver_id": {"S": "01HJ1K2M3N4P5Q6R7S8T9V0W1X"},
    });
    for name in ["name", "version", "release", "platform_id", "package", "description"] {
        image[name] = json!({"S": name});
    }
    json!({"eventName": "INSERT", "dynamodb": {
        "SequenceNumber": number.to_string(), "Keys": {"pk": {"S": partition}, "sk": {"S": id}}, "NewImage": image,
    }})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_refuses_every_record_makes_no_dead_letters_of_a_batch() {
    let system = System::start().await;
    // Apache Kafka names the records that it refuses, and has no such switch.
    let Kafka::Embedded(kafka) = &system.stack.kafka else { return };
    let publish = async |numbers: &[usize]| {
        let records: Vec<_> = numbers.iter().copied().map(record).collect();
        system.stack.invoke("publish-events", &json!({"Records": records})).await.unwrap()
    };
    let dead_letters = async || {
        let list = system.stack.invoke("redrive-dead-letters", &json!({"action": "list"})).await.unwrap();
        list["count"].as_u64().unwrap()
    };
    kafka.refuse_batches(true).unwrap();
    let batch: Vec<_> = (10..30).collect();
    assert_eq!(publish(&batch).await, json!({"batchItemFailures": [{"itemIdentifier": "10"}]}));
    assert_eq!(dead_letters().await, 0);
    let log = system.stack.functions.log("publish-events").unwrap();
    assert!(log.contains("XZEPR_KAFKA_DEFAULT_TOPIC"), "it says what to do: {log}");
    // One that comes without others holds up nothing.
    assert_eq!(publish(&[30]).await, json!({"batchItemFailures": []}));
    assert_eq!(dead_letters().await, 1);

    kafka.refuse_batches(false).unwrap();
    assert_eq!(publish(&batch).await, json!({"batchItemFailures": []}));
    assert_eq!(system.next_messages(batch.len()).len(), batch.len());
    let retried = system.stack.invoke("redrive-dead-letters", &json!({"action": "retry", "all": true})).await;
    // Its item was never in the table.
    assert_eq!(retried.unwrap()["parked"], 1);
}
