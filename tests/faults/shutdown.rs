//! A function's process gets a SIGTERM.

use std::time::Duration;

use end_to_end::{System, eventually};
use local::Signal;
use tokio::time::sleep;

/// Longer than Lambda waits for a process after its SIGTERM.
const ENDS_WITHIN: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_that_gets_a_sigterm_in_mid_batch_responds_and_its_batch_arrives_later() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    system.next_messages(1).await;
    system.stack.kafka.down().await.unwrap();
    let ids = system.create_events(&receiver, 20).await;
    // The fault: a SIGTERM a second after the publisher got the batch. Nothing logs that it got it.
    sleep(Duration::from_secs(1)).await;
    system.stack.functions.signal("publish-events", Signal::Terminate).await.unwrap();
    let log = eventually(ENDS_WITHIN, async || {
        let log = system.log("publish-events");
        if log.contains("Graceful shutdown completed") { Ok(log) } else { Err(log) }
    })
    .await;
    let (_, since) = log.split_once("SIGTERM received").unwrap();
    let (until, _) = since.split_once("Graceful shutdown completed").unwrap();
    assert!(until.contains("batch ended"), "it responds before it ends: {until}");
    system.stack.kafka.up().await.unwrap();
    system.await_messages(&ids).await;
}
