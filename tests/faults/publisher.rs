//! The publisher dies, freezes, or gets a record that is no event.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use end_to_end::{Item, System};
use local::Signal;
use tokio::time::sleep;

/// Longer than the event source mapping needs to give a batch to the publisher.
const IN_MID_BATCH: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_killed_in_mid_batch_publishes_the_batch_again() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    system.next_messages(1).await;
    // While Kafka is unavailable, the publisher works on the batch.
    system.stack.kafka.down().await.unwrap();
    let ids = system.create_events(&receiver, 20).await;
    for _ in 0..2 {
        // The fault: a publisher that dies a second after it got the batch. Nothing logs that it got it.
        sleep(IN_MID_BATCH).await;
        system.stack.functions.signal("publish-events", Signal::Kill).await.unwrap();
    }
    system.stack.kafka.up().await.unwrap();
    system.await_messages(&ids).await;
    assert!(*system.stack.functions.deaths("publish-events").unwrap().borrow() >= 2);
}

fn item<const ATTRIBUTES: usize>(attributes: [(&str, &str); ATTRIBUTES]) -> Item {
    let text = |(name, text): (&str, &str)| (name.to_owned(), AttributeValue::S(text.to_owned()));
    HashMap::from(attributes.map(text))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_unknown_shape_is_logged_with_its_keys_and_blocks_no_other() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    // The receiver's message is in another partition, and could otherwise be read last.
    system.next_messages(1).await;
    let before = system.create_events(&receiver, 3).await;
    system.put(item([("pk", "EVENT#2026-01-01#Z"), ("sk", "poison"), ("payload", "secret")])).await;
    system.put(item([("pk", "OTHER#1"), ("sk", "1")])).await;
    let after = system.create_events(&receiver, 3).await;
    system.await_messages(&[before, after].concat()).await;
    assert_eq!(system.unexpected_message(), None);
    let log = system.log("publish-events");
    assert!(log.contains("EVENT#2026-01-01#Z poison"), "{log}");
    assert!(!log.contains("secret") && !log.contains("OTHER#1"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_frozen_in_mid_batch_continues_after_it_is_thawed() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.extend(system.create_events(&receiver, 10).await);
        system.stack.functions.signal("publish-events", Signal::Freeze).await.unwrap();
        ids.extend(system.create_events(&receiver, 10).await);
        // The fault: a freeze that is longer than a broker or a client waits for a response.
        sleep(Duration::from_secs(12)).await;
        system.stack.functions.signal("publish-events", Signal::Thaw).await.unwrap();
    }
    system.await_messages(&ids).await;
}
