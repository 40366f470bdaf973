//! The publisher dies, or meets a record that is no event.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use end_to_end::System;
use local::Signal;

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_killed_in_mid_batch_publishes_the_batch_again() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    system.next_messages(1);
    // With Kafka away the batch stays in the publisher's hands.
    system.stack.kafka.down().await.unwrap();
    let ids = system.create_events(&receiver, 20).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    system.stack.functions.signal("publish-events", Signal::Kill).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    system.stack.functions.signal("publish-events", Signal::Kill).await.unwrap();
    system.stack.kafka.up().await.unwrap();
    system.await_messages(&ids);
    assert!(*system.stack.functions.deaths("publish-events").unwrap().borrow() >= 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_of_unknown_shape_is_logged_with_its_keys_and_holds_up_nothing() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let before = system.create_events(&receiver, 3).await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    system
        .put_raw(HashMap::from([
            ("pk".to_owned(), text("EVENT#2026-01-01#Z")),
            ("sk".to_owned(), text("poison")),
            ("payload".to_owned(), text("secret")),
        ]))
        .await;
    system.put_raw(HashMap::from([("pk".to_owned(), text("OTHER#1")), ("sk".to_owned(), text("1"))])).await;
    let after = system.create_events(&receiver, 3).await;
    system.await_messages(&[before, after].concat());
    assert_eq!(system.unexpected_message(), None);
    let log = system.stack.functions.log("publish-events").unwrap();
    assert!(log.contains("EVENT#2026-01-01#Z poison"), "{log}");
    assert!(!log.contains("secret") && !log.contains("OTHER#1"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_frozen_in_mid_batch_goes_on_when_it_is_thawed() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let mut ids = Vec::new();
    for _ in 0..2 {
        ids.extend(system.create_events(&receiver, 10).await);
        system.stack.functions.signal("publish-events", Signal::Freeze).await.unwrap();
        ids.extend(system.create_events(&receiver, 10).await);
        // Longer than a broker or a client waits for an answer at most.
        tokio::time::sleep(Duration::from_secs(12)).await;
        system.stack.functions.signal("publish-events", Signal::Thaw).await.unwrap();
    }
    system.await_messages(&ids);
}
