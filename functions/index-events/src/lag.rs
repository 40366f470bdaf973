//! Measures how far the index is behind the table. The answers about gates state it.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::time::{Instant, timeout};
use xzepr_store::Lag;

use crate::store::PutLag;

/// A process writes the lag at most this often, since each write costs a unit.
const EVERY: Duration = Duration::from_secs(10);

/// The response does not wait longer for the write.
const WITHIN: Duration = Duration::from_secs(1);

pub(crate) struct LagMeter<L> {
    index: L,
    last: Mutex<Option<Instant>>,
}

impl<L: PutLag> LagMeter<L> {
    pub(crate) fn new(index: L) -> Self {
        Self { index, last: Mutex::new(None) }
    }

    /// Writes the age of the record up to which a batch is indexed. A failure is only logged.
    pub(crate) async fn measure(&self, indexed_up_to: Option<DateTime<Utc>>) {
        let Some(written_at) = indexed_up_to else { return };
        if !self.begins() {
            return;
        }
        let measured_at = Utc::now();
        let lag_ms = u64::try_from((measured_at - written_at).num_milliseconds()).unwrap_or_default();
        match timeout(WITHIN, self.index.put_lag(Lag { lag_ms, measured_at })).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("could not write the lag of the index: {error}"),
            Err(_) => tracing::warn!("could not write the lag of the index within {WITHIN:?}"),
        }
    }

    /// Whether it is time for a measurement.
    fn begins(&self) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = last.is_none_or(|last| last.elapsed() >= EVERY);
        if begins {
            *last = Some(Instant::now());
        }
        begins
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use chrono::TimeDelta;
    use tokio::time::advance;
    use xzepr_store::StoreError;

    use super::*;

    #[derive(Default)]
    struct FakeIndex(RefCell<Vec<u64>>);

    impl PutLag for FakeIndex {
        async fn put_lag(&self, lag: Lag) -> Result<(), StoreError> {
            self.0.borrow_mut().push(lag.lag_ms);
            Err(StoreError::Unavailable("throttled".to_owned()))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_lag_is_written_at_most_every_ten_seconds_even_if_it_fails() {
        let meter = LagMeter::new(FakeIndex::default());
        meter.measure(None).await;
        for seconds in [0, 5, 4, 1, 10] {
            advance(Duration::from_secs(seconds)).await;
            meter.measure(Some(Utc::now() - TimeDelta::minutes(1))).await;
        }
        let lags = meter.index.0.take();
        assert_eq!(lags.len(), 3);
        assert!(lags.iter().all(|lag| (60_000..70_000).contains(lag)), "{lags:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_record_of_the_future_has_no_lag() {
        let meter = LagMeter::new(FakeIndex::default());
        meter.measure(Some(Utc::now() + TimeDelta::minutes(1))).await;
        assert_eq!(meter.index.0.take(), [0]);
    }
}
