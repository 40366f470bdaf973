//! Records that can never be published, of every kind, at every place of a batch.

use std::{collections::HashSet, time::Duration};

use end_to_end::{EventItem, eventually};
use local::{Signal, samples};
use serde_json::json;
use tokio::time::sleep;

use crate::{
    bench::Bench,
    callers::{self, post_until_accepted, random_text},
    scale::Scale,
    setup::MAX_MESSAGE_BYTES,
};

/// The ways in which an item is no event.
const BREAKAGES: [fn(EventItem) -> EventItem; 5] = [
    |item| item.without("payload"),
    |item| item.with("payload", "{"),
    |item| item.with("success", "true"),
    |item| item.with("name", ""),
    |item| item.with("event_receiver_id", "nobody"),
];

/// How many batches are prepared, and how many events lie between the poison. Together they are no more than the
/// mapping puts into one batch.
const ROUNDS: usize = 5;
const EVENTS: usize = 50;

/// The poison of a prepared batch: three items of [`BREAKAGES`], and three events that are too large.
const POISON: usize = 6;

/// Longer than the publisher needs for a prepared batch.
const ARRIVES_WITHIN: Duration = Duration::from_secs(90);

/// Batches of poison, events, poison, events, poison. Then poison at random under load.
pub(crate) async fn placed(bench: &mut Bench, scale: Scale) {
    let (retries_before, prepared_before) = (retries(bench).len(), prepared(bench));
    let mut too_large = HashSet::new();
    for round in 0..ROUNDS {
        // While the publisher is frozen with one event, a batch gathers after it.
        bench.stack.functions.signal("publish-events", Signal::Freeze).await.unwrap();
        post(bench, 1).await;
        // The frozen publisher gets that event as a batch of its own. Nothing logs it.
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
        eventually(ARRIVES_WITHIN, async || {
            let missing = bench.recorder.missing(neighbours.iter().cloned());
            let prepared = prepared(bench) - prepared_before;
            if missing == 0 && prepared > round {
                return Ok(());
            }
            Err(format!(
                "{missing} neighbours are missing, and {prepared} batches came as they were prepared"
            ))
        })
        .await;
    }
    let retries = retries(bench).split_off(retries_before);
    assert_eq!(retries, [""; 0], "poison causes no retry of its neighbours");

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

/// How many batches came as they were prepared.
fn prepared(bench: &Bench) -> usize {
    bench.log("publish-events").matches(&format!(" dead_lettered={POISON} ")).count()
}

/// How often the publisher made the mapping retry.
fn retries(bench: &Bench) -> Vec<String> {
    let log = bench.log("publish-events");
    log.lines().filter(|line| line.contains("could not publish: ")).map(str::to_owned).collect()
}

async fn post(bench: &Bench, count: usize) {
    for _ in 0..count {
        let event = callers::event(&bench.receiver);
        bench.ledger.accept(post_until_accepted(&bench.api, &event, &bench.ledger).await);
    }
}

/// An event that the API accepts and the topic refuses.
async fn post_too_large(bench: &Bench) -> String {
    let mut event = samples::event(&bench.receiver);
    event["payload"] = json!({"commit": random_text(MAX_MESSAGE_BYTES + 1000)});
    post_until_accepted(&bench.api, &event, &bench.ledger).await
}

/// Puts an item that is no event past the API.
async fn put(bench: &Bench, kind: usize) {
    let item = EventItem::new(&ulid::Ulid::generate().to_string()).with("event_receiver_id", &bench.receiver);
    let item = BREAKAGES[kind % BREAKAGES.len()](item);
    let request = bench.dynamodb.put_item().table_name(&bench.stack.table);
    request.set_item(Some(item.into())).send().await.unwrap();
}
