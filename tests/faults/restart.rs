//! The whole system stops and starts again on the same data.

use std::{slice, time::Duration};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use end_to_end::{Item, eventually};
use local::{
    Options, Stack, samples,
    topic::{Reader, StartAt},
};
use tokio::{task::block_in_place, time::sleep};

/// Longer than the timeouts of the functions that get the stream: the first record may wait for one that starts.
const ARRIVES_WITHIN: Duration = Duration::from_secs(90);

/// How long a test waits for a message that must not come.
const ARRIVES_SOON: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn each_mapping_continues_at_its_position_and_receivers_are_known() {
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
    await_indexed(&stack, &event).await;
    // A mapping stores its position after the function has ended. A system that stops within this second may deliver
    // the event again.
    sleep(Duration::from_secs(1)).await;
    // If it were delivered again, the item would be there again.
    remove_index_item(&stack, &event).await;
    let before = event;
    drop(stack);

    let stack = Stack::start(options()).await.unwrap();
    assert_eq!(post(&stack, "/api/v1/receivers", &samples::receiver()).await, receiver);
    let event = post(&stack, "/api/v1/events", &samples::event(&receiver)).await;
    // The embedded Kafka is new and empty: no event of before is published again.
    let reader = open(&stack);
    assert_eq!(keys_up_to(&reader, &event).await, slice::from_ref(&event));
    assert_eq!(block_in_place(|| reader.next(ARRIVES_SOON)), None);
    await_indexed(&stack, &event).await;
    assert_eq!(index_item(&stack, &before).await, None);
}

/// The key of the item under which the index has an event's name.
fn key(event: &str) -> Item {
    let name = samples::event("")["name"].as_str().unwrap().to_owned();
    let key = [("pk", format!("NAME#{name}")), ("sk", event.to_owned())];
    key.map(|(attribute, value)| (attribute.to_owned(), AttributeValue::S(value))).into_iter().collect()
}

async fn dynamodb(stack: &Stack) -> Client {
    Client::new(&local::sdk_config(&stack.dynamodb_url).await)
}

async fn index_item(stack: &Stack, event: &str) -> Option<Item> {
    let request = dynamodb(stack).await.get_item().table_name(&stack.index_table).consistent_read(true);
    request.set_key(Some(key(event))).send().await.unwrap().item
}

async fn remove_index_item(stack: &Stack, event: &str) {
    let request = dynamodb(stack).await.delete_item().table_name(&stack.index_table);
    request.set_key(Some(key(event))).send().await.unwrap();
}

async fn await_indexed(stack: &Stack, event: &str) {
    eventually(ARRIVES_WITHIN, async || {
        index_item(stack, event).await.ok_or_else(|| format!("{event} is not in the index"))
    })
    .await;
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
