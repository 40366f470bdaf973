//! The publisher dies, freezes, or runs out of time.

use std::time::Duration;

use end_to_end::{Mode, eventually};
use local::Signal;
use tokio::time::sleep;

use crate::{bench::Bench, scale::Scale};

const PUBLISHER: &str = "publish-events";

/// The mapping's `BatchSize`.
const LARGEST_BATCH: usize = 500;

/// The function's timeout and the mapping's pause.
const ENDS_WITHIN: Duration = Duration::from_secs(90);

async fn signal(bench: &Bench, signal: Signal) {
    bench.stack.functions.signal(PUBLISHER, signal).await.unwrap();
}

pub(crate) async fn killed(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    // With a slow connection a batch lasts so long that the kill comes in its middle.
    bench.connection(Mode::Delay(Duration::from_millis(20)));
    for _ in 0..scale.kills {
        sleep(Duration::from_millis(fastrand::u64(300..1500))).await;
        signal(bench, Signal::Kill).await;
    }
    bench.connection(Mode::Pass);
    load.stop_after(scale.events).await;
}

/// Kafka hangs, and every invocation is killed: the mapping splits the batch down to one record.
pub(crate) async fn killed_at_once(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    // The connection is slow at first, so that a large batch gathers after the current one.
    bench.connection(Mode::Delay(Duration::from_secs(1)));
    let before = batches(bench);
    eventually(ENDS_WITHIN, async || {
        if batches(bench) > before { Ok(()) } else { Err(format!("{before} batches have ended")) }
    })
    .await;
    bench.connection(Mode::Hang);
    let failed_before = bench.stack.failed_invocations[PUBLISHER].lock().unwrap().len();
    for _ in 0..scale.kills.max(LARGEST_BATCH.ilog2() as usize + 4) {
        sleep(Duration::from_millis(700)).await;
        signal(bench, Signal::Kill).await;
    }
    bench.connection(Mode::Pass);
    load.stop_after(scale.events).await;
    let failed = bench.stack.failed_invocations[PUBLISHER].lock().unwrap().split_off(failed_before);
    assert!(failed[0] > 100 && failed.contains(&1), "a large batch is split down to one record: {failed:?}");
}

/// How many batches have ended.
fn batches(bench: &Bench) -> usize {
    bench.log(PUBLISHER).matches("batch ended").count()
}

pub(crate) async fn frozen(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    for part in [scale.freeze / 4, scale.freeze * 3 / 4] {
        sleep(Duration::from_secs(1)).await;
        signal(bench, Signal::Freeze).await;
        sleep(part).await;
        signal(bench, Signal::Thaw).await;
    }
    load.stop_after(scale.events).await;
}

/// The mapping stops waiting after the function's timeout of 60 s, and the process is ended, as on Lambda.
pub(crate) async fn out_of_time(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    sleep(Duration::from_secs(1)).await;
    bench.connection(Mode::Hang);
    sleep(Duration::from_secs(2)).await;
    signal(bench, Signal::Freeze).await;
    sleep(Duration::from_secs(63)).await;
    signal(bench, Signal::Kill).await;
    bench.connection(Mode::Pass);
    load.stop_after(scale.events).await;
}
