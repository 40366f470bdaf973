//! Records that can never be published, of every kind, at every place of a batch.

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use aws_sdk_dynamodb::types::AttributeValue;
use local::{Signal, samples};
use serde_json::json;
use tokio::time::sleep;

use crate::{
    bench::{Bench, MAX_MESSAGE_BYTES},
    callers,
    scale::Scale,
};

/// What keeps an item from being an event.
const BREAKAGES: [fn(&mut Item); 5] = [
    |item| drop(item.remove("payload")),
    |item| drop(item.insert("payload".to_owned(), text("{"))),
    |item| drop(item.insert("success".to_owned(), text("true"))),
    |item| drop(item.insert("name".to_owned(), text(""))),
    |item| drop(item.insert("event_receiver_id".to_owned(), text("nobody"))),
];

type Item = HashMap<String, AttributeValue>;

/// How many batches are made up, and how many events lie between the poison: together no more than the
/// mapping puts into one.
const ROUNDS: usize = 5;
const EVENTS: usize = 50;

/// While the publisher stands still a batch gathers: poison, events, poison, events, poison.
pub(crate) async fn placed(bench: &mut Bench, scale: Scale) {
    let (retries_before, mut too_large) = (retries(bench), HashSet::new());
    for round in 0..ROUNDS {
        bench.stack.functions.signal("publish-events", Signal::Freeze).await.unwrap();
        for part in 0..3 {
            put(bench, round + part).await;
            too_large.insert(post_too_large(bench).await);
            if part < 2 {
                post(bench, EVENTS).await;
            }
        }
        bench.stack.functions.signal("publish-events", Signal::Thaw).await.unwrap();
        let neighbours = bench.ledger.ids();
        while bench.recorder.missing(neighbours.iter().cloned()) > 0 {
            sleep(Duration::from_millis(20)).await;
        }
    }
    too_large.into_iter().for_each(|id| bench.ledger.accept(id));
    let load = bench.load();
    load.stop_after(scale.events).await;
    // The first record that is too large teaches the publisher the topic's limit, once in its life.
    assert!(retries(bench) - retries_before <= 1, "poison delays its neighbours by one retry at most");
    let expected = ROUNDS * 3 * 2;
    for _ in 0..100 {
        if bench.new_dead_letters().await.len() == expected {
            return;
        }
        sleep(Duration::from_millis(100)).await;
    }
    panic!("{} dead letters, not {expected}", bench.new_dead_letters().await.len());
}

/// How often the publisher told the mapping to deliver again.
fn retries(bench: &Bench) -> usize {
    bench.stack.functions.log("publish-events").unwrap().matches("could not publish: ").count()
}

async fn post(bench: &Bench, count: usize) {
    for _ in 0..count {
        let event = callers::event(&bench.receiver);
        callers::post(&bench.api, &event, Some(&ulid::Ulid::generate().to_string()), &bench.ledger).await;
    }
}

/// An event that the API accepts and the topic does not.
async fn post_too_large(bench: &Bench) -> String {
    let mut event = samples::event(&bench.receiver);
    event["payload"] = json!({"commit": random_text(MAX_MESSAGE_BYTES + 1000)});
    bench.api.post(&event, None).await.expect("200")
}

/// Text that does not compress to less than the limit: it holds for the batch as it is sent.
fn random_text(bytes: usize) -> String {
    (0..bytes * 2).map(|_| fastrand::alphanumeric()).collect()
}

/// Puts an item past the API that is no event.
async fn put(bench: &Bench, kind: usize) {
    let id = ulid::Ulid::generate().to_string();
    let day = chrono::Utc::now().format("%Y-%m-%d");
    let mut item: Item = ["name", "version", "release", "platform_id", "package", "description"]
        .map(|name| (name.to_owned(), text(name)))
        .into();
    item.insert("pk".to_owned(), text(&format!("EVENT#{day}#{}", &id[25..])));
    item.insert("sk".to_owned(), text(&id));
    item.insert("event_receiver_id".to_owned(), text(&bench.receiver));
    item.insert("success".to_owned(), AttributeValue::Bool(true));
    item.insert("payload".to_owned(), text("{}"));
    BREAKAGES[kind % BREAKAGES.len()](&mut item);
    bench.dynamodb.put_item().table_name(&bench.stack.table).set_item(Some(item)).send().await.unwrap();
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}
