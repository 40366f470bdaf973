//! A function's process is told to end.

use std::time::Duration;

use end_to_end::System;
use local::Signal;

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_that_is_told_to_end_in_mid_batch_answers_and_its_batch_arrives_later() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    system.next_messages(1);
    system.stack.kafka.down().await.unwrap();
    let ids = system.create_events(&receiver, 20).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    system.stack.functions.signal("publish-events", Signal::Terminate).await.unwrap();
    let log = loop {
        let log = system.stack.functions.log("publish-events").unwrap();
        if log.contains("Graceful shutdown completed") {
            break log;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let (_, since) = log.split_once("SIGTERM received").unwrap();
    let (until, _) = since.split_once("Graceful shutdown completed").unwrap();
    assert!(until.contains("batch ended"), "it answers before it ends: {until}");
    system.stack.kafka.up().await.unwrap();
    system.await_messages(&ids);
}
