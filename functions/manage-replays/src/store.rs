//! The reads and writes of the table that the requests for replays need.

use std::future::Future;

use xzepr_domain::{Replay, ReplayId};
use xzepr_store::{CancelOutcome, StartOutcome, StoreError, Table};

/// Starts, finds and cancels replays.
pub(crate) trait StoreReplays: Sync {
    /// Stores a replay, unless too many replays run or one of an overlapping range does.
    fn start(&self, replay: &Replay) -> impl Future<Output = Result<StartOutcome, StoreError>> + Send;

    /// A replay with its progress. `None` if it does not exist.
    fn find(&self, id: ReplayId) -> impl Future<Output = Result<Option<Replay>, StoreError>> + Send;

    /// Ends a replay that runs.
    fn cancel(&self, id: ReplayId) -> impl Future<Output = Result<CancelOutcome, StoreError>> + Send;
}

impl StoreReplays for Table {
    async fn start(&self, replay: &Replay) -> Result<StartOutcome, StoreError> {
        self.start_replay(replay).await
    }

    async fn find(&self, id: ReplayId) -> Result<Option<Replay>, StoreError> {
        self.replay(id).await
    }

    async fn cancel(&self, id: ReplayId) -> Result<CancelOutcome, StoreError> {
        self.cancel_replay(id).await
    }
}
