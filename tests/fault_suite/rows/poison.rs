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
    callers::{self, post_until_accepted},
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

/// What is never published of a batch that is made up: three items of [`BREAKAGES`], three that are too large.
const POISON: usize = 6;

/// Batches of poison, events, poison, events, poison; then poison at random under load.
pub(crate) async fn placed(bench: &mut Bench, scale: Scale) {
    let (retries_before, made_up_before) = (retries(bench).len(), made_up(bench));
    let mut too_large = HashSet::new();
    for round in 0..ROUNDS {
        // While the publisher stands still on one event, a batch gathers behind it.
        bench.stack.functions.signal("publish-events", Signal::Freeze).await.unwrap();
        post(bench, 1).await;
        sleep(Duration::from_millis(500)).await;
        for part in 0..POISON / 2 {
            put(bench, round + part).await;
            too_large.insert(post_too_large(bench).await);
            if part < 2 {
                post(bench, EVENTS).await;
            }
        }
        bench.stack.functions.signal("publish-events", Signal::Thaw).await.unwrap();
        let neighbours = bench.ledger.ids();
        while bench.recorder.missing(neighbours.iter().cloned()) > 0
            || made_up(bench) <= made_up_before + round
        {
            sleep(Duration::from_millis(20)).await;
        }
    }
    let retries = retries(bench).split_off(retries_before);
    assert_eq!(retries, [""; 0], "poison delays its neighbours by no retry");

    let load = bench.load();
    for round in 0..ROUNDS {
        sleep(Duration::from_millis(fastrand::u64(50..500))).await;
        put(bench, round).await;
        too_large.insert(post_too_large(bench).await);
    }
    too_large.into_iter().for_each(|id| bench.ledger.accept(id));
    load.stop_after(scale.events).await;
    bench.expected_dead_letters = ROUNDS * (POISON + 2);
}

/// How many batches came as they were made up.
fn made_up(bench: &Bench) -> usize {
    let log = bench.stack.functions.log("publish-events").unwrap();
    log.matches(&format!(" dead_lettered={POISON} ")).count()
}

/// How often the publisher told the mapping to deliver again.
fn retries(bench: &Bench) -> Vec<String> {
    let log = bench.stack.functions.log("publish-events").unwrap();
    log.lines().filter(|line| line.contains("could not publish: ")).map(str::to_owned).collect()
}

async fn post(bench: &Bench, count: usize) {
    for _ in 0..count {
        let event = callers::event(&bench.receiver);
        bench.ledger.accept(post_until_accepted(&bench.api, &event, &bench.ledger).await);
    }
}

/// An event that the API accepts and the topic does not.
async fn post_too_large(bench: &Bench) -> String {
    let mut event = samples::event(&bench.receiver);
    event["payload"] = json!({"commit": random_text(MAX_MESSAGE_BYTES + 1000)});
    post_until_accepted(&bench.api, &event, &bench.ledger).await
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
