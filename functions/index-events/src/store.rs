//! The parts of the index that this function uses.

use tokio::time::Instant;
use xzepr_domain::Event;
use xzepr_indexing::{Indexer, Outcome};
use xzepr_store::{Index, Lag, StoreError};

/// Indexes events.
pub(crate) trait IndexBatch {
    /// Returns one outcome for each event, in their order, until this time.
    async fn index(&self, events: &[Event], until: Instant) -> Vec<Outcome>;
}

/// Stores how far the index is behind the table.
pub(crate) trait PutLag {
    async fn put_lag(&self, lag: Lag) -> Result<(), StoreError>;
}

// Without the box, the future of the function would exceed the compiler's limit for the depth of a type.
impl IndexBatch for Indexer {
    async fn index(&self, events: &[Event], until: Instant) -> Vec<Outcome> {
        Box::pin(self.index(events, until)).await
    }
}

impl PutLag for Index {
    async fn put_lag(&self, lag: Lag) -> Result<(), StoreError> {
        self.put_lag(lag).await
    }
}
