//! The parts of the table that this function uses.

use xzepr_domain::Replay;
use xzepr_store::{ReplayedRange, StartOutcome, StoreError, Table};

pub(crate) trait StartReplays {
    /// Reads the ranges whose events were all published or indexed again.
    async fn done(&self) -> Result<Vec<ReplayedRange>, StoreError>;

    /// Stores a replay, unless another one to the same target is running that is no dry run.
    async fn start_alone(&self, replay: &Replay) -> Result<StartOutcome, StoreError>;
}

impl StartReplays for Table {
    async fn done(&self) -> Result<Vec<ReplayedRange>, StoreError> {
        Ok(self.replays().await?.done)
    }

    async fn start_alone(&self, replay: &Replay) -> Result<StartOutcome, StoreError> {
        self.start_replay_alone(replay).await
    }
}
