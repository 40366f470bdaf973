//! The parts of the table that this function uses.

use xzepr_domain::{Replay, ReplayId};
use xzepr_store::{StoreError, Table};

pub(crate) trait ReadReplays {
    /// Reads the ids on the list of running replays.
    async fn running(&self) -> Result<Vec<String>, StoreError>;

    /// Reads a replay; `None` if there is no such replay.
    async fn read(&self, id: ReplayId) -> Result<Option<Replay>, StoreError>;
}

impl ReadReplays for Table {
    async fn running(&self) -> Result<Vec<String>, StoreError> {
        Ok(self.replays().await?.running)
    }

    async fn read(&self, id: ReplayId) -> Result<Option<Replay>, StoreError> {
        self.replay(id).await
    }
}
