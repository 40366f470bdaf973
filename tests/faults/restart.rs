//! The whole system stops and starts again on the same data.

use std::{slice, time::Duration};

use end_to_end::eventually;
use local::{
    Options, Stack, samples,
    topic::{Reader, StartAt},
};
use tokio::{task::block_in_place, time::sleep};

/// Longer than the publisher's timeout: the first message may wait for a publisher that starts.
const ARRIVES_WITHIN: Duration = Duration::from_secs(90);

/// How long a test waits for a message that must not come.
const ARRIVES_SOON: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn the_mapping_continues_at_its_position_and_receivers_are_known() {
    let dir = tempfile::tempdir().unwrap();
    let options = || Options {
        data_dir: Some(dir.path().join("data")),
        log_dir: dir.path().join("logs"),
        ..Options::default()
    };

    let stack = Stack::start(options()).await.unwrap();
    let receiver = post(&stack, "/api/v1/event-receivers", &samples::receiver()).await;
    let event = post(&stack, "/api/v1/events", &samples::event(&receiver)).await;
    keys_up_to(&open(&stack), &event).await;
    // The mapping stores its position after the message has arrived. A system that stops within this second may
    // publish the event again.
    sleep(Duration::from_secs(1)).await;
    drop(stack);

    let stack = Stack::start(options()).await.unwrap();
    assert_eq!(post(&stack, "/api/v1/receivers", &samples::receiver()).await, receiver);
    let event = post(&stack, "/api/v1/events", &samples::event(&receiver)).await;
    // The embedded Kafka is new and empty: no event of before is published again.
    let reader = open(&stack);
    assert_eq!(keys_up_to(&reader, &event).await, slice::from_ref(&event));
    assert_eq!(block_in_place(|| reader.next(ARRIVES_SOON)), None);
}

async fn post(stack: &Stack, path: &str, body: &serde_json::Value) -> String {
    samples::post(&stack.api_url, path, body).await.unwrap()
}

fn open(stack: &Stack) -> Reader {
    block_in_place(|| Reader::open(&stack.kafka.brokers(), &stack.topic, StartAt::Beginning)).unwrap()
}

/// The keys of the topic's records, up to the one that is awaited.
async fn keys_up_to(reader: &Reader, awaited: &str) -> Vec<String> {
    let mut keys = Vec::new();
    eventually(ARRIVES_WITHIN, async || {
        while let Some(record) = block_in_place(|| reader.next(Duration::from_millis(50))) {
            keys.push(record.key);
            if keys.last().is_some_and(|key| key == awaited) {
                return Ok(());
            }
        }
        Err(format!("{awaited} is not among {keys:?}"))
    })
    .await;
    keys
}
