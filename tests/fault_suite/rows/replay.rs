//! A replay that is killed, and the one that the mapping's giving up starts.

use std::time::{Duration, Instant};

use end_to_end::Mode;
use local::Signal;
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    bench::{Bench, Setup, now},
    scale::Scale,
};

/// A lease, a run of the schedule, and the time of a start on a busy machine.
const RESUMED_WITHIN: Duration =
    Setup::REPLAY_LEASE.saturating_add(Setup::RESUME_EVERY).saturating_add(Duration::from_secs(10));

/// Killed at random, a replay still publishes every event of its range at least once, and keeps its rate.
pub(crate) async fn killed(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    bench.ledger.accepted(scale.events).await;
    let of_range = bench.ledger.ids();
    sleep(Duration::from_millis(2)).await;
    let (started, before) = (Instant::now(), bench.recorder.replayed());
    let url =
        format!("{}/api/v1/admin/replay-events?start={}&end={}", bench.stack.api_url, bench.began(), now());
    let answer: Value = bench.api.http.post(url).send().await.unwrap().json().await.unwrap();
    let replay = answer["data"].as_str().unwrap();
    // A slow table stretches the time between what is published and what is kept of it.
    bench.table_proxy.set(Mode::Delay(Duration::from_millis(50)));
    for _ in 0..scale.replay_kills {
        let published = bench.recorder.replayed();
        while bench.recorder.replayed() == published {
            sleep(Duration::from_millis(5)).await;
        }
        sleep(Duration::from_millis(fastrand::u64(0..200))).await;
        bench.stack.functions.signal_all("replay-events", Signal::Kill).await.unwrap();
    }
    bench.table_proxy.set(Mode::Pass);
    await_end(bench, replay).await;
    for id in of_range {
        while bench.recorder.of(&id).is_none_or(|arrivals| arrivals.replayed == 0) {
            sleep(Duration::from_millis(50)).await;
        }
    }
    // Each process may begin with what a second holds.
    let seconds = started.elapsed().as_secs_f64() + scale.replay_kills as f64 + 2.0;
    let replayed = bench.recorder.replayed() - before;
    assert!(replayed as f64 <= scale.replay_rate as f64 * seconds, "{replayed} events in {seconds} s");
    load.stop_after(scale.events).await;
}

/// The invocation that works on a replay dies, and with it all that would start another: the schedule does,
/// within the time of a lease and of a run.
pub(crate) async fn trigger_lost(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    bench.ledger.accepted(scale.events).await;
    sleep(Duration::from_millis(2)).await;
    let url =
        format!("{}/api/v1/admin/replay-events?start={}&end={}", bench.stack.api_url, bench.began(), now());
    let answer: Value = bench.api.http.post(url).send().await.unwrap().json().await.unwrap();
    let replay = answer["data"].as_str().unwrap();
    let before = bench.recorder.replayed();
    while bench.recorder.replayed() == before {
        sleep(Duration::from_millis(5)).await;
    }
    bench.stack.functions.signal_all("replay-events", Signal::Kill).await.unwrap();
    // Messages that were on their way arrive.
    sleep(Duration::from_secs(1)).await;
    let (published, killed) = (bench.recorder.replayed(), Instant::now());
    while bench.recorder.replayed() == published {
        assert!(killed.elapsed() < RESUMED_WITHIN, "nothing resumes the replay");
        sleep(Duration::from_millis(20)).await;
    }
    await_end(bench, replay).await;
    load.stop_after(scale.events).await;
}

async fn await_end(bench: &Bench, replay: &str) {
    let url = format!("{}/api/v1/admin/replays/{replay}", bench.stack.api_url);
    loop {
        let answer: Value = bench.api.http.get(&url).send().await.unwrap().json().await.unwrap();
        match answer["data"]["state"].as_str() {
            Some("done") => return,
            Some("cancelled") => panic!("{answer}"),
            _ => sleep(Duration::from_millis(200)).await,
        }
    }
}

/// Kafka is away for longer than records may age: the stream's copy is given up, the table's is published.
pub(crate) async fn given_up(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    sleep(Duration::from_secs(1)).await;
    bench.connection(Mode::Cut);
    sleep(Setup::RECORD_AGE + scale.outage.max(Duration::from_secs(5))).await;
    bench.connection(Mode::Pass);
    load.stop_after(scale.events).await;
    while !bench.stack.functions.log("replay-unpublished").unwrap().contains("a replay of their time starts")
    {
        sleep(Duration::from_millis(200)).await;
    }
    // They are acknowledged when it is done.
    while !bench.stack.functions.log("replay-unpublished").unwrap().contains("given up are replayed") {
        sleep(Duration::from_millis(200)).await;
    }
}
