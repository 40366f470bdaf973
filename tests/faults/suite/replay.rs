//! A replay that is killed, and the one that the mapping's giving up starts.

use std::time::Duration;

use end_to_end::Mode;
use local::Signal;
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    bench::{Bench, Setup, now},
    scale::Scale,
};

const KILLS: usize = 10;

/// Killed at random, a replay still publishes every event of its range at least once.
pub(crate) async fn killed(bench: &mut Bench, scale: Scale) {
    bench.load().stop_after(scale.events).await;
    sleep(Duration::from_millis(2)).await;
    // A slow connection gives the kills something to meet.
    bench.connection(Mode::Delay(Duration::from_millis(100)));
    let url =
        format!("{}/api/v1/admin/replay-events?start={}&end={}", bench.stack.api_url, bench.began(), now());
    let answer: Value = bench.api.http.post(url).send().await.unwrap().json().await.unwrap();
    let replay = answer["data"].as_str().unwrap();
    for _ in 0..KILLS {
        sleep(Duration::from_millis(fastrand::u64(50..700))).await;
        bench.stack.functions.signal("replay-events", Signal::Kill).await.unwrap();
    }
    bench.connection(Mode::Pass);
    await_end(bench, replay).await;
    for id in bench.ledger.ids() {
        while bench.recorder.of(&id).is_none_or(|arrivals| arrivals.replayed == 0) {
            sleep(Duration::from_millis(50)).await;
        }
    }
}

async fn await_end(bench: &Bench, replay: &str) {
    let url = format!("{}/api/v1/admin/replays/{replay}", bench.stack.api_url);
    loop {
        let answer: Value = bench.api.http.get(&url).send().await.unwrap().json().await.unwrap();
        match answer["data"]["state"].as_str() {
            Some("running") => sleep(Duration::from_millis(200)).await,
            Some("done") => return,
            _ => panic!("{answer}"),
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
}
