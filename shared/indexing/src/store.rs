//! The reads and writes that indexing needs.

use std::future::Future;

use xzepr_domain::{
    Artifact, Event, EventKind, EventReceiverGroup, GroupId, ReceiverId,
    gate::{Commit, Gate, Greens, Reds},
};
use xzepr_store::{CommitOutcome, Index, StoreError, Table};

/// The table and its index. Each read sees every write that ended before it began.
pub trait Store {
    /// Writes the search items of events.
    fn put_search_items(&self, events: &[Event]) -> impl Future<Output = Result<(), StoreError>>;

    /// Writes a successful event into the successes of its artifact, and returns them.
    fn raise_green(&self, event: &Event) -> impl Future<Output = Result<Greens, StoreError>>;

    /// Writes a failed event into the ledger of its artifact, which has it already unless the ledger was lost.
    fn raise_red(&self, event: &Event) -> impl Future<Output = Result<(), StoreError>>;

    /// The successes of an artifact.
    fn greens(&self, artifact: &Artifact) -> impl Future<Output = Result<Greens, StoreError>>;

    /// The ledger of an artifact.
    fn reds(&self, artifact: &Artifact) -> impl Future<Output = Result<Reds, StoreError>>;

    /// The completions of a group for an artifact.
    fn gate(&self, artifact: &Artifact, group: GroupId) -> impl Future<Output = Result<Gate, StoreError>>;

    /// The groups of a receiver. Some may not exist yet.
    fn groups_of(&self, receiver: ReceiverId) -> impl Future<Output = Result<Vec<GroupId>, StoreError>>;

    /// Those of the groups that exist.
    fn groups(&self, ids: &[GroupId]) -> impl Future<Output = Result<Vec<EventReceiverGroup>, StoreError>>;

    /// A group, if it exists.
    fn group(&self, id: GroupId) -> impl Future<Output = Result<Option<EventReceiverGroup>, StoreError>>;

    /// Writes a change of a gate, if its conditions hold.
    fn commit(
        &self,
        artifact: &Artifact,
        commit: &Commit,
    ) -> impl Future<Output = Result<CommitOutcome, StoreError>>;

    /// Writes the items of the table again that follow from an event of the system, unless they are there.
    fn restore(&self, event: &Event) -> impl Future<Output = Result<(), StoreError>>;
}

/// The table and its index.
#[derive(Debug, Clone)]
pub struct Tables {
    pub(crate) table: Table,
    pub(crate) index: Index,
}

impl Store for Tables {
    async fn put_search_items(&self, events: &[Event]) -> Result<(), StoreError> {
        self.index.put_search_items(events).await
    }

    async fn raise_green(&self, event: &Event) -> Result<Greens, StoreError> {
        self.index.raise_green(event).await
    }

    async fn raise_red(&self, event: &Event) -> Result<(), StoreError> {
        self.table.raise_red(event).await
    }

    async fn greens(&self, artifact: &Artifact) -> Result<Greens, StoreError> {
        self.index.greens(artifact).await
    }

    async fn reds(&self, artifact: &Artifact) -> Result<Reds, StoreError> {
        self.table.reds(artifact).await
    }

    async fn gate(&self, artifact: &Artifact, group: GroupId) -> Result<Gate, StoreError> {
        self.table.gate(artifact, group).await
    }

    async fn groups_of(&self, receiver: ReceiverId) -> Result<Vec<GroupId>, StoreError> {
        self.table.groups_of(receiver).await
    }

    async fn groups(&self, ids: &[GroupId]) -> Result<Vec<EventReceiverGroup>, StoreError> {
        self.table.groups(ids).await
    }

    async fn group(&self, id: GroupId) -> Result<Option<EventReceiverGroup>, StoreError> {
        self.table.group(id).await
    }

    async fn commit(&self, artifact: &Artifact, commit: &Commit) -> Result<CommitOutcome, StoreError> {
        self.table.commit(artifact, commit).await
    }

    async fn restore(&self, event: &Event) -> Result<(), StoreError> {
        match event.kind {
            EventKind::Event => Ok(()),
            EventKind::ReceiverCreated | EventKind::GroupCreated | EventKind::GroupModified => {
                self.table.restore_list_item(event).await
            }
            EventKind::GroupComplete | EventKind::GroupIncomplete => self.table.raise_gate(event).await,
        }
    }
}
