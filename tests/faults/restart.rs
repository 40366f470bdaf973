//! The whole system stops and starts again on the same data.

use std::time::Duration;

use local::{
    Options, Stack, samples,
    topic::{Reader, StartAt},
};
use tokio::task::block_in_place;

#[tokio::test(flavor = "multi_thread")]
async fn the_mapping_goes_on_where_it_was_and_receivers_are_known() {
    let dir = tempfile::tempdir().unwrap();
    let options = || Options {
        data_dir: Some(dir.path().join("data")),
        log_dir: dir.path().join("logs"),
        ..Options::default()
    };

    let stack = Stack::start(options()).await.unwrap();
    let receiver = post(&stack, "/api/v1/event-receivers", &samples::receiver()).await;
    let event = post(&stack, "/api/v1/events", &samples::event(&receiver)).await;
    let keys = keys(&stack, 2);
    assert!(keys.contains(&event), "{keys:?}");
    // The answer to the mapping comes after the message.
    tokio::time::sleep(Duration::from_secs(1)).await;
    drop(stack);

    let stack = Stack::start(options()).await.unwrap();
    assert_eq!(post(&stack, "/api/v1/receivers", &samples::receiver()).await, receiver);
    let event = post(&stack, "/api/v1/events", &samples::event(&receiver)).await;
    // The embedded Kafka is new and empty: what was published before is not published again.
    assert_eq!(self::keys(&stack, 2), [event]);
}

async fn post(stack: &Stack, path: &str, body: &serde_json::Value) -> String {
    samples::post(&stack.api_url, path, body).await.unwrap()
}

/// The keys of the topic's records, until there are `count` or none comes any more.
fn keys(stack: &Stack, count: usize) -> Vec<String> {
    block_in_place(|| {
        let reader = Reader::open(&stack.kafka.brokers(), &stack.topic, StartAt::Beginning).unwrap();
        // The first may wait for a publisher that starts.
        let within = |number| Duration::from_secs(if number == 0 { 90 } else { 3 });
        (0..count).map_while(|number| reader.next(within(number))).map(|record| record.key).collect()
    })
}
