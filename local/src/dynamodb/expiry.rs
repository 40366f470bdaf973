//! Deletes expired items.

use std::{
    sync::mpsc,
    time::{Duration, Instant},
};

use dynoxide::Database;

/// A sweep of expired items reads every item of the table. The pause after it is at least this multiple of its time.
const PAUSE_AFTER_SWEEP: u32 = 50;

/// The times of the sweeps that delete expired items.
#[derive(Clone, Copy)]
pub(super) struct Sweeps {
    pub(super) every: Duration,
    /// A multiple of the last sweep's time. The longer of both pauses counts.
    pub(super) pause: u32,
}

impl Default for Sweeps {
    fn default() -> Self {
        Self { every: Duration::from_secs(60), pause: PAUSE_AFTER_SWEEP }
    }
}

/// Deletes expired items until the API ends.
pub(super) fn expire_items(database: &Database, sweeps: Sweeps, end: &mpsc::Receiver<()>) {
    let mut pause = sweeps.every;
    while matches!(end.recv_timeout(pause), Err(mpsc::RecvTimeoutError::Timeout)) {
        let began = Instant::now();
        if let Err(error) = database.sweep_ttl() {
            eprintln!("the DynamoDB API could not expire items: {error}");
        }
        pause = sweeps.every.max(began.elapsed() * sweeps.pause);
    }
}
