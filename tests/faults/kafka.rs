//! Kafka is unavailable, or its topic refuses records.

use std::{collections::HashSet, time::Duration};

use end_to_end::{EventItem, System};
use local::kafka::Kafka;
use serde_json::{Value, json};
use tokio::time::sleep;

#[tokio::test(flavor = "multi_thread")]
async fn events_accepted_in_an_outage_of_kafka_arrive_after_it() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    let mut ids = system.create_events(&receiver, 5).await;
    system.await_messages(&ids).await;

    system.stack.kafka.down().await.unwrap();
    let accepted = system.create_events(&receiver, 20).await;
    // The fault: an outage of three seconds.
    sleep(Duration::from_secs(3)).await;
    system.stack.kafka.up().await.unwrap();
    let messages = system.await_messages(&accepted).await;
    for (id, records) in &messages {
        let bodies: HashSet<_> = records.iter().map(|record| &record.value).collect();
        assert_eq!(bodies.len(), 1, "every delivery of {id} has the same bytes");
    }

    ids = system.create_events(&receiver, 5).await;
    system.await_messages(&ids).await;
}

/// A record of the stream, of an event that is not in the table.
fn record(number: usize) -> Value {
    EventItem::new(&format!("01HJ1K2M3N4P5Q6R7S8T9V0W{number:02}")).record(number)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_topic_that_refuses_every_record_makes_no_dead_letters_of_a_batch() {
    let system = System::start().await;
    // Apache Kafka names the records that it refuses, and has no such switch.
    let Kafka::Embedded(kafka) = &system.stack.kafka else { return };
    let publish = async |numbers: &[usize]| {
        let records: Vec<_> = numbers.iter().copied().map(record).collect();
        system.invoke("publish-events", &json!({"Records": records})).await
    };
    let dead_letters = async || {
        let list = system.invoke("redrive-dead-letters", &json!({"action": "list"})).await;
        list["count"].as_u64().unwrap()
    };
    kafka.refuse_batches(true).unwrap();
    let batch: Vec<_> = (10..30).collect();
    assert_eq!(publish(&batch).await, json!({"batchItemFailures": [{"itemIdentifier": "10"}]}));
    assert_eq!(dead_letters().await, 0);
    let log = system.log("publish-events");
    assert!(log.contains("XZEPR_KAFKA_DEFAULT_TOPIC"), "the log names the setting: {log}");
    // A record that comes alone becomes a dead letter, so that it blocks no other.
    assert_eq!(publish(&[30]).await, json!({"batchItemFailures": []}));
    assert_eq!(dead_letters().await, 1);

    kafka.refuse_batches(false).unwrap();
    assert_eq!(publish(&batch).await, json!({"batchItemFailures": []}));
    assert_eq!(system.next_messages(batch.len()).await.len(), batch.len());
    let retried = system.invoke("redrive-dead-letters", &json!({"action": "retry", "all": true})).await;
    assert_eq!(retried["parked"], 1, "its item was never in the table: {retried}");
}
