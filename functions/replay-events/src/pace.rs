//! Limits the rate at which a replay publishes.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// A rate in events a second.
#[derive(Debug)]
pub(crate) struct Pace {
    max_per_second: u32,
    next: Instant,
}

impl Pace {
    pub(crate) fn new(max_per_second: u32) -> Self {
        Self { max_per_second, next: Instant::now() }
    }

    /// How many events are published together: those of one second, but at most as many as a batch of the stream has.
    pub(crate) fn chunk(&self) -> usize {
        usize::try_from(self.max_per_second.min(500)).unwrap_or(500)
    }

    /// Waits until this number of events may be published.
    pub(crate) async fn wait_for(&mut self, events: usize) {
        sleep_until(self.next).await;
        let events = u32::try_from(events).unwrap_or(u32::MAX);
        self.next = Instant::now() + Duration::from_secs(1).saturating_mul(events) / self.max_per_second;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_chunk_waits_until_the_time_of_the_previous_one_is_over() {
        let mut pace = Pace::new(100);
        let started = Instant::now();
        assert_eq!(pace.chunk(), 100);
        pace.wait_for(100).await;
        assert!(started.elapsed() < Duration::from_millis(10));
        pace.wait_for(50).await;
        assert!(started.elapsed() >= Duration::from_secs(1));
        pace.wait_for(1).await;
        assert!(started.elapsed() >= Duration::from_millis(1500));
    }
}
