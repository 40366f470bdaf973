//! A replay that is killed, and the replay of records that the mapping gave up.

use std::time::{Duration, Instant};

use end_to_end::{Mode, eventually};
use local::Signal;
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    bench::{Bench, now},
    scale::Scale,
    setup::Setup,
};

/// A lease, a run of the schedule, and the time of a start on a busy machine.
const RESUMED_WITHIN: Duration =
    Setup::REPLAY_LEASE.saturating_add(Setup::RESUME_EVERY).saturating_add(Duration::from_secs(10));

/// Longer than the longest replay of the suite.
const ENDS_WITHIN: Duration = Duration::from_secs(300);

/// A replay that is killed at random still publishes every event of its range, and keeps its rate.
pub(crate) async fn killed(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    bench.ledger.await_accepted(scale.events).await;
    let of_range = bench.ledger.ids();
    let (started, before) = (Instant::now(), bench.recorder.replayed());
    let replay = start(bench).await;
    // A slow table stretches the time between an event's message and the checkpoint after it.
    bench.table_proxy.set(Mode::Delay(Duration::from_millis(50)));
    for _ in 0..scale.replay_kills {
        await_progress(bench, bench.recorder.replayed(), ENDS_WITHIN).await;
        // The fault: a kill at a random point.
        sleep(Duration::from_millis(fastrand::u64(0..200))).await;
        bench.stack.functions.signal_all("replay-events", Signal::Kill).await.unwrap();
    }
    bench.table_proxy.set(Mode::Pass);
    await_end(bench, &replay).await;
    eventually(ENDS_WITHIN, async || {
        let is_replayed = |id: &&String| bench.recorder.of(id).is_some_and(|arrivals| arrivals.replayed > 0);
        let replayed = of_range.iter().filter(is_replayed).count();
        if replayed == of_range.len() {
            Ok(())
        } else {
            Err(format!("{replayed} of {} are replayed", of_range.len()))
        }
    })
    .await;
    // Each process may begin with the events of a second.
    let seconds = started.elapsed().as_secs_f64() + scale.replay_kills as f64 + 2.0;
    let replayed = bench.recorder.replayed() - before;
    assert!(replayed as f64 <= scale.replay_rate as f64 * seconds, "{replayed} events in {seconds} s");
    load.stop_after(scale.events).await;
}

/// The invocation that works on a replay dies, and so does everything that would start another. The schedule
/// resumes the replay within the time of a lease and a run.
pub(crate) async fn trigger_lost(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    bench.ledger.await_accepted(scale.events).await;
    let replay = start(bench).await;
    await_progress(bench, bench.recorder.replayed(), ENDS_WITHIN).await;
    bench.stack.functions.signal_all("replay-events", Signal::Kill).await.unwrap();
    // Messages that were sent before the kill have arrived by then.
    sleep(Duration::from_secs(1)).await;
    await_progress(bench, bench.recorder.replayed(), RESUMED_WITHIN).await;
    await_end(bench, &replay).await;
    load.stop_after(scale.events).await;
}

/// Starts a replay of the row's events so far, and returns its id.
async fn start(bench: &Bench) -> String {
    let (api_url, start, end) = (&bench.stack.api_url, bench.began(), now().await);
    let url = format!("{api_url}/api/v1/admin/replay-events?start={start}&end={end}");
    let response: Value = bench.api.http.post(url).send().await.unwrap().json().await.unwrap();
    response["data"].as_str().unwrap().to_owned()
}

/// Waits until more messages of replays have arrived.
async fn await_progress(bench: &Bench, before: u64, within: Duration) {
    eventually(within, async || {
        if bench.recorder.replayed() > before { Ok(()) } else { Err(format!("{before} messages of replays")) }
    })
    .await;
}

async fn await_end(bench: &Bench, replay: &str) {
    let url = format!("{}/api/v1/admin/replays/{replay}", bench.stack.api_url);
    eventually(ENDS_WITHIN, async || {
        let response: Value = bench.api.http.get(&url).send().await.unwrap().json().await.unwrap();
        match response["data"]["state"].as_str() {
            Some("done") => Ok(()),
            Some("cancelled") => panic!("{response}"),
            _ => Err(response),
        }
    })
    .await;
}

/// Kafka is unavailable for longer than a record may wait: the mapping gives up the stream's records, and a replay
/// publishes the table's items.
pub(crate) async fn given_up(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    sleep(Duration::from_secs(1)).await;
    bench.connection(Mode::Cut);
    sleep(Setup::RECORD_AGE + scale.outage.max(Duration::from_secs(5))).await;
    bench.connection(Mode::Pass);
    load.stop_after(scale.events).await;
    // The messages about the records are acknowledged after their replay is done.
    for line in ["a replay of their time starts", "given up are replayed"] {
        eventually(ENDS_WITHIN, async || {
            let log = bench.log("replay-unpublished");
            if log.contains(line) { Ok(()) } else { Err(log) }
        })
        .await;
    }
}
