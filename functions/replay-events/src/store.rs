//! The parts of the table that a slice uses.

use std::time::Duration;

use xzepr_domain::{Position, Replay, ReplayId, ReplayState, TimeRange};
use xzepr_store::{EventPage, EventReader, Ownership, StoreError, Table};

/// Reads the events of a time range.
pub(crate) trait ReadEvents {
    type Pages<'a>: ReadPage
    where
        Self: 'a;

    fn pages(&self, range: TimeRange, after: Option<Position>) -> Self::Pages<'_>;
}

/// Reads the next page.
pub(crate) trait ReadPage {
    async fn next(&mut self, limit: usize) -> Result<EventPage, StoreError>;
}

/// Stores the progress of a replay, as long as the replay belongs to its slice.
pub(crate) trait KeepProgress {
    async fn renew_lease(&self, id: ReplayId, slice: u64, lease: Duration) -> Result<Ownership, StoreError>;
    async fn checkpoint(&self, replay: &Replay, lease: Duration) -> Result<Ownership, StoreError>;
    async fn release(&self, replay: &Replay) -> Result<Ownership, StoreError>;
    async fn end(&self, replay: &Replay) -> Result<Ownership, StoreError>;
}

impl ReadEvents for Table {
    type Pages<'a> = EventReader<'a>;

    fn pages(&self, range: TimeRange, after: Option<Position>) -> EventReader<'_> {
        self.events(range, after)
    }
}

impl ReadPage for EventReader<'_> {
    async fn next(&mut self, limit: usize) -> Result<EventPage, StoreError> {
        self.next(limit).await
    }
}

impl KeepProgress for Table {
    async fn renew_lease(&self, id: ReplayId, slice: u64, lease: Duration) -> Result<Ownership, StoreError> {
        self.renew_lease(id, slice, lease).await
    }

    async fn checkpoint(&self, replay: &Replay, lease: Duration) -> Result<Ownership, StoreError> {
        self.checkpoint(replay, lease).await
    }

    async fn release(&self, replay: &Replay) -> Result<Ownership, StoreError> {
        self.release_replay(replay).await
    }

    async fn end(&self, replay: &Replay) -> Result<Ownership, StoreError> {
        self.end_replay(replay, ReplayState::Done).await
    }
}
