//! The parts of the table that this function uses.

use xzepr_domain::{Replay, TimeRange};
use xzepr_store::{StartOutcome, StoreError, Table};

pub(crate) trait StartReplays {
    /// Reads the ranges whose events were all published again.
    async fn done(&self) -> Result<Vec<TimeRange>, StoreError>;

    /// Stores a replay, unless another one is running that is no dry run.
    async fn start_alone(&self, replay: &Replay) -> Result<StartOutcome, StoreError>;
}

impl StartReplays for Table {
    async fn done(&self) -> Result<Vec<TimeRange>, StoreError> {
        Ok(self.replays().await?.done)
    }

    async fn start_alone(&self, replay: &Replay) -> Result<StartOutcome, StoreError> {
        self.start_replay_alone(replay).await
    }
}
