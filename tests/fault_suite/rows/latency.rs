//! Compares the latency of a POST during an outage of Kafka with the latency without one.

use std::{
    fmt,
    time::{Duration, Instant},
};

use end_to_end::Mode;
use tokio::time::sleep;

use crate::{bench::Bench, callers, scale::Scale};

const POSTS: usize = 100;

/// The median during an outage may be this many times the median without one, in a long run.
const MAX_RATIO: f64 = 1.1;

/// Blocks of posts, in turn with Kafka and without.
pub(crate) async fn compare(bench: &Bench, scale: Scale, is_long: bool) {
    let (mut with_kafka, mut without) = (Vec::new(), Vec::new());
    for _ in 0..scale.latency_blocks {
        bench.connection(Mode::Pass);
        with_kafka.extend(block(bench).await);
        bench.connection(Mode::Cut);
        without.extend(block(bench).await);
    }
    bench.connection(Mode::Pass);
    let (with_kafka, without) = (Percentiles::of(with_kafka), Percentiles::of(without));
    let ratio = without.median.as_secs_f64() / with_kafka.median.as_secs_f64();
    println!("POST with Kafka: {with_kafka}; without: {without}; ratio of the medians {ratio:.2}");
    assert!(!is_long || ratio <= MAX_RATIO, "a POST takes longer during an outage of Kafka");
}

/// The durations of posts one after the other.
pub(crate) async fn block(bench: &Bench) -> Vec<Duration> {
    block_of(bench, &bench.receiver).await
}

/// The durations of posts of a receiver, one after the other.
pub(crate) async fn block_of(bench: &Bench, receiver: &str) -> Vec<Duration> {
    // The last fault, or its end, has reached every part of the system by then.
    sleep(Duration::from_millis(500)).await;
    let mut times = Vec::with_capacity(POSTS);
    for _ in 0..POSTS {
        let event = callers::event(receiver);
        let started = Instant::now();
        if bench.api.post(&event, None).await.is_ok() {
            times.push(started.elapsed());
        }
    }
    times
}

pub(crate) struct Percentiles {
    pub(crate) median: Duration,
    p99: Duration,
}

impl Percentiles {
    pub(crate) fn of(mut times: Vec<Duration>) -> Self {
        times.sort();
        Self { median: times[times.len() / 2], p99: times[times.len() * 99 / 100] }
    }
}

impl fmt::Display for Percentiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |time: Duration| time.as_secs_f64() * 1000.0;
        write!(f, "median {:.1} ms, 99th percentile {:.1} ms", ms(self.median), ms(self.p99))
    }
}
