//! The size of a run.

use std::time::Duration;

/// How many events, faults and seconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    /// Each row accepts at least so many events.
    pub(crate) events: usize,
    /// Events for each measurement of a route's time.
    pub(crate) routed_events: usize,
    /// How many times as long the healthy route may take beside refused ones. A short measurement is not exact.
    pub(crate) max_delay: f64,
    /// How long Kafka is unavailable.
    pub(crate) outage: Duration,
    /// How long a process is frozen.
    pub(crate) freeze: Duration,
    /// How often a process is killed.
    pub(crate) kills: usize,
    /// How often a replay is killed.
    pub(crate) replay_kills: usize,
    /// A replay publishes at most so many events a second.
    pub(crate) replay_rate: usize,
    /// How many events the row of gates posts, in so many rounds.
    pub(crate) gate_events: usize,
    pub(crate) gate_rounds: usize,
    /// Pairs of blocks in the comparison of latencies.
    pub(crate) latency_blocks: usize,
}

impl Scale {
    pub(crate) fn new(long: bool) -> Self {
        let seconds = Duration::from_secs;
        if long {
            Self {
                events: 10_000,
                routed_events: 5_000,
                max_delay: 1.1,
                outage: seconds(60),
                freeze: seconds(120),
                kills: 30,
                replay_kills: 10,
                replay_rate: 500,
                gate_events: 10_000,
                gate_rounds: 8,
                latency_blocks: 20,
            }
        } else {
            Self {
                events: 200,
                routed_events: 500,
                max_delay: 1.5,
                outage: seconds(3),
                freeze: seconds(2),
                kills: 4,
                replay_kills: 4,
                replay_rate: 20,
                gate_events: 2_000,
                gate_rounds: 2,
                latency_blocks: 4,
            }
        }
    }
}
