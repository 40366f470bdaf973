//! The publisher dies, stands still, or runs out of time.

use std::time::Duration;

use end_to_end::Mode;
use local::Signal;
use tokio::time::sleep;

use crate::{bench::Bench, scale::Scale};

const PUBLISHER: &str = "publish-events";

async fn signal(bench: &Bench, signal: Signal) {
    bench.stack.functions.signal(PUBLISHER, signal).await.unwrap();
}

pub(crate) async fn killed(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    // With a slow connection a batch takes long enough to be met in its middle.
    bench.connection(Mode::Delay(Duration::from_millis(20)));
    for _ in 0..scale.kills {
        sleep(Duration::from_millis(fastrand::u64(300..1500))).await;
        signal(bench, Signal::Kill).await;
    }
    bench.connection(Mode::Pass);
    load.stop_after(scale.events).await;
}

/// Kafka hangs, and every invocation ends in a kill: the mapping splits the batch down to one record.
pub(crate) async fn killed_at_once(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    bench.connection(Mode::Hang);
    for _ in 0..scale.kills.max(12) {
        sleep(Duration::from_millis(400)).await;
        signal(bench, Signal::Kill).await;
    }
    bench.connection(Mode::Pass);
    load.stop_after(scale.events).await;
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

/// The mapping stops waiting after the function's 60 s, as Lambda does, and Lambda ends the process.
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
