//! Whether the table responds, asked at most once in some seconds.

use std::{future::Future, time::Duration};

use tokio::{sync::Mutex, time::Instant};
use xzepr_store::{StoreError, Table};

/// How long a check counts. A flood of health checks then costs one read in this time and execution environment, and
/// waits at most once for a table that does not respond.
const COUNTS_FOR: Duration = Duration::from_secs(5);

/// Asks the table for a response.
pub(crate) trait CheckTable: Sync {
    /// Succeeds if the table responds in a bounded time.
    fn check(&self) -> impl Future<Output = Result<(), StoreError>> + Send;
}

impl CheckTable for Table {
    async fn check(&self) -> Result<(), StoreError> {
        self.check().await
    }
}

/// The table, and the result of its last check.
pub(crate) struct TableState<T> {
    table: T,
    last: Mutex<Option<(Instant, bool)>>,
}

impl<T: CheckTable> TableState<T> {
    pub(crate) fn new(table: T) -> Self {
        Self { table, last: Mutex::default() }
    }

    /// Whether the table responds now, or did so in the last seconds.
    pub(crate) async fn is_reachable(&self) -> bool {
        let mut last = self.last.lock().await;
        match *last {
            Some((checked, is_reachable)) if checked.elapsed() < COUNTS_FOR => is_reachable,
            _ => {
                let is_reachable = self.ask().await;
                *last = Some((Instant::now(), is_reachable));
                is_reachable
            }
        }
    }

    async fn ask(&self) -> bool {
        let checked = self.table.check().await;
        if let Err(error) = &checked {
            tracing::warn!("a health check fails: {error}");
        }
        checked.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::time::advance;

    use super::*;

    /// A table that responds from its second check on, and counts the checks.
    #[derive(Default)]
    struct Recovers(AtomicUsize);

    impl CheckTable for Recovers {
        async fn check(&self) -> Result<(), StoreError> {
            match self.0.fetch_add(1, Ordering::Relaxed) {
                0 => Err(StoreError::Unavailable("no connection".to_owned())),
                _ => Ok(()),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_result_counts_for_five_seconds_and_the_table_is_asked_again_afterwards() {
        let state = TableState::new(Recovers::default());
        for _ in 0..100 {
            assert!(!state.is_reachable().await);
        }
        advance(COUNTS_FOR - Duration::from_millis(1)).await;
        assert!(!state.is_reachable().await);
        assert_eq!(state.table.0.load(Ordering::Relaxed), 1);
        advance(Duration::from_millis(1)).await;
        for _ in 0..100 {
            assert!(state.is_reachable().await);
        }
        assert_eq!(state.table.0.load(Ordering::Relaxed), 2);
    }
}
