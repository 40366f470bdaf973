//! The costs of gates for a caller and a watcher: the time of a POST, and the time to the message of a completion.

use std::time::{Duration, Instant};

use end_to_end::{artifact, eventually};
use local::samples;
use serde_json::json;
use tokio::task::block_in_place;

use crate::{
    bench::Bench,
    callers,
    gate_topic::GateTopic,
    rows::latency::{Percentiles, block_of},
    scale::Scale,
};

/// The median of a POST of a receiver in groups may be this many times the median of one without groups, in a long run.
const MAX_RATIO: f64 = 1.1;

/// A completion's message may take this many times as long as that of an ordinary event, in a long run. It goes through the
/// stream twice, and between that are three requests to the tables, one after the other, if the group is known. A request
/// takes long in these development builds. Release builds stay below 2: see the row `completions` of `benches`.
const MAX_COMPLETION_RATIO: f64 = 3.0;

/// Pairs of an ordinary event and a completion in each block.
const PAIRS: usize = 25;

/// Longer than the timeout of a function.
const ARRIVES_WITHIN: Duration = Duration::from_secs(90);

/// POSTs of both kinds in turn, and then messages of both kinds.
pub(crate) async fn compare(bench: &Bench, scale: Scale, is_long: bool) {
    let topic = block_in_place(|| GateTopic::start(&bench.kafka.brokers()));
    let (waiting, missing) = (receiver(bench, "waiting").await, receiver(bench, "missing").await);
    let single = receiver(bench, "single").await;
    for _ in 0..3 {
        group(bench, &[&waiting, &missing]).await;
    }
    group(bench, &[&single]).await;

    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..scale.latency_blocks {
        without.extend(block_of(bench, &bench.receiver).await);
        with.extend(block_of(bench, &waiting).await);
    }
    let (without, with) = (Percentiles::of(without), Percentiles::of(with));
    let ratio = with.median.as_secs_f64() / without.median.as_secs_f64();
    println!("POST without groups: {without}; in three groups: {with}; ratio of the medians {ratio:.2}");
    assert!(!is_long || ratio <= MAX_RATIO, "a POST takes longer if its receiver is in groups");

    let (mut ordinary, mut completions) = (Vec::new(), Vec::new());
    for number in 0..scale.latency_blocks * PAIRS {
        ordinary.push(ordinary_message(bench).await);
        completions.push(completion(bench, &topic, &single, number).await);
    }
    let (ordinary, completions) = (Percentiles::of(ordinary), Percentiles::of(completions));
    let ratio = completions.median.as_secs_f64() / ordinary.median.as_secs_f64();
    println!(
        "message of an event: {ordinary}; of a completion: {completions}; ratio of the medians {ratio:.2}"
    );
    assert!(!is_long || ratio <= MAX_COMPLETION_RATIO, "the message of a completion takes too long");
}

async fn receiver(bench: &Bench, name: &str) -> String {
    let mut body = samples::receiver();
    body["name"] = name.into();
    samples::post(&bench.stack.api_url, "/api/v1/event-receivers", &body).await.unwrap()
}

async fn group(bench: &Bench, members: &[&str]) {
    let mut body = samples::group("");
    body["event_receiver_ids"] = json!(members);
    samples::post(&bench.stack.api_url, "/api/v1/event-receiver-groups", &body).await.unwrap();
}

/// The time from the POST of an event to its message.
async fn ordinary_message(bench: &Bench) -> Duration {
    let started = Instant::now();
    let id = bench.api.post(&callers::event(&bench.receiver), None).await.unwrap();
    let arrived = eventually(ARRIVES_WITHIN, async || {
        bench.recorder.of(&id).map(|arrivals| arrivals.first).ok_or("no message")
    });
    arrived.await - started
}

/// The time from the POST of an event that completes a group to the message of the completion.
async fn completion(bench: &Bench, topic: &GateTopic, receiver: &str, number: usize) -> Duration {
    let mut event = callers::event(receiver);
    event["release"] = format!("latency {number}").into();
    let started = Instant::now();
    bench.api.post(&event, None).await.unwrap();
    let completed =
        eventually(ARRIVES_WITHIN, async || topic.completed(&artifact(&event)).ok_or("no completion"));
    completed.await - started
}
