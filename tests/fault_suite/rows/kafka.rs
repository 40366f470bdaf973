//! Kafka is unavailable, in every way.

use std::time::Duration;

use end_to_end::Mode;
use local::Signal;
use tokio::time::sleep;

use crate::{bench::Bench, scale::Scale};

/// How long the load runs without a fault before and after one.
const WELL: Duration = Duration::from_secs(1);

pub(crate) async fn stopped(bench: &mut Bench, scale: Scale) {
    down(bench, Signal::Terminate, scale).await;
}

pub(crate) async fn killed(bench: &mut Bench, scale: Scale) {
    down(bench, Signal::Kill, scale).await;
}

async fn down(bench: &mut Bench, signal: Signal, scale: Scale) {
    let load = bench.load();
    sleep(WELL).await;
    bench.kafka.signal(1, signal).await.unwrap();
    sleep(scale.outage).await;
    bench.kafka.start_brokers().await.unwrap();
    sleep(WELL).await;
    load.stop_after(scale.events).await;
}

/// Longer than a message's timeout of 45 s.
pub(crate) async fn paused(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    sleep(WELL).await;
    bench.kafka.signal(1, Signal::Freeze).await.unwrap();
    sleep(Duration::from_secs(55)).await;
    bench.kafka.signal(1, Signal::Thaw).await.unwrap();
    sleep(WELL).await;
    load.stop_after(scale.events).await;
}

pub(crate) async fn connection_cut(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    for _ in 0..scale.kills {
        sleep(Duration::from_millis(fastrand::u64(50..1000))).await;
        bench.connection(Mode::Cut);
        sleep(Duration::from_millis(fastrand::u64(10..1000))).await;
        bench.connection(Mode::Pass);
    }
    load.stop_after(scale.events).await;
}

pub(crate) async fn connection_delayed(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    sleep(WELL).await;
    bench.connection(Mode::Delay(Duration::from_millis(500)));
    sleep(scale.outage / 2).await;
    bench.connection(Mode::Pass);
    load.stop_after(scale.events).await;
}

/// Kafka chooses which broker leads a partition, so each one is killed once.
pub(crate) async fn one_of_three_killed(bench: &mut Bench, scale: Scale) {
    let load = bench.load();
    for broker in 1..=3 {
        sleep(WELL).await;
        bench.kafka.signal(broker, Signal::Kill).await.unwrap();
        sleep(scale.outage / 3).await;
        bench.kafka.start_brokers().await.unwrap();
    }
    sleep(WELL).await;
    load.stop_after(scale.events).await;
}
