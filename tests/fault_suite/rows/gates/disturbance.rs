//! The faults of the row.

use std::{
    fmt,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use end_to_end::GateLog;
use local::Signal;
use serde_json::json;
use tokio::{join, time::sleep};

use crate::{bench::Bench, rows::redelivery};

const INDEXER: &str = "index-events";

/// How many records are delivered again at once.
const BATCH: usize = 100;

/// The faults so far.
#[derive(Debug, Default)]
pub(crate) struct Disturbance {
    /// The number of the next fault.
    turn: usize,
    kills: usize,
    freezes: usize,
    records_again: usize,
    conflicts: usize,
}

impl fmt::Display for Disturbance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} kills, {} freezes, {} records again, {} periods of conflicts",
            self.kills, self.freezes, self.records_again, self.conflicts
        )
    }
}

impl Disturbance {
    /// Causes one fault after the other until the round is over. The last one ends then too.
    pub(crate) async fn disturb(&mut self, bench: &Bench, log: &Mutex<GateLog>, is_over: &AtomicBool) {
        while !is_over.load(Ordering::Relaxed) {
            match self.turn % 5 {
                0 => self.conflict(bench).await,
                1 => self.kill(bench).await,
                2 => self.deliver_again(bench, log).await,
                3 => self.freeze(bench).await,
                _ => {
                    join!(self.deliver_again(bench, log), async {
                        sleep(Duration::from_millis(fastrand::u64(0..300))).await;
                        signal(bench, Signal::Kill).await;
                    });
                    self.kills += 1;
                }
            }
            self.turn += 1;
        }
    }

    /// Whether each fault happened.
    pub(crate) fn is_complete(&self) -> bool {
        [self.kills, self.freezes, self.records_again, self.conflicts].iter().all(|count| *count > 0)
    }

    async fn conflict(&mut self, bench: &Bench) {
        bench.conflicts().conflict(fastrand::f64() / 2.0);
        sleep(Duration::from_millis(fastrand::u64(500..2000))).await;
        bench.conflicts().conflict(0.0);
        self.conflicts += 1;
    }

    async fn freeze(&mut self, bench: &Bench) {
        signal(bench, Signal::Freeze).await;
        sleep(Duration::from_millis(fastrand::u64(100..2000))).await;
        signal(bench, Signal::Thaw).await;
        self.freezes += 1;
    }

    async fn kill(&mut self, bench: &Bench) {
        sleep(Duration::from_millis(fastrand::u64(100..1000))).await;
        signal(bench, Signal::Kill).await;
        self.kills += 1;
    }

    /// Delivers records of this and of earlier rounds in another order, some of them twice in one batch. The mapping does
    /// not wait for it, so a failed invocation does not matter.
    async fn deliver_again(&mut self, bench: &Bench, log: &Mutex<GateLog>) {
        let mut ids: Vec<_> = log.lock().unwrap().events.iter().map(|event| event.id.clone()).collect();
        fastrand::shuffle(&mut ids);
        ids.truncate(BATCH);
        let records = redelivery::shuffled_records(bench, &ids).await;
        self.records_again += records.len();
        let _ = bench.stack.invoke(INDEXER, &json!({"Records": records})).await;
    }
}

async fn signal(bench: &Bench, signal: Signal) {
    bench.stack.functions.signal(INDEXER, signal).await.unwrap();
}
