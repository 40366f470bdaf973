//! The reads that the questions about gates need.

use std::future::Future;

use xzepr_domain::{
    Artifact, EventReceiverGroup, GroupId, ReceiverId,
    gate::{Gate, Greens, Reds},
};
use xzepr_store::{Index, Lag, ReceiverName, StoreError, Table};

/// Reads groups, and the facts that their gates are evaluated by.
pub trait ReadGates: Sync {
    /// A group; `None` if it does not exist.
    fn group(
        &self,
        id: GroupId,
    ) -> impl Future<Output = Result<Option<EventReceiverGroup>, StoreError>> + Send;

    /// Those of the groups that exist, in any order.
    fn groups(
        &self,
        ids: &[GroupId],
    ) -> impl Future<Output = Result<Vec<EventReceiverGroup>, StoreError>> + Send;

    /// The groups that a receiver is a member of, in the order of their ids.
    fn groups_of(
        &self,
        receiver: ReceiverId,
    ) -> impl Future<Output = Result<Vec<GroupId>, StoreError>> + Send;

    /// The names of those of the receivers that exist, in any order.
    fn names(&self, ids: &[ReceiverId])
    -> impl Future<Output = Result<Vec<ReceiverName>, StoreError>> + Send;

    /// The latest successful event of each receiver, as far as the stream has delivered them.
    fn greens(&self, artifact: &Artifact) -> impl Future<Output = Result<Greens, StoreError>> + Send;

    /// The latest failed event of each receiver.
    fn reds(&self, artifact: &Artifact) -> impl Future<Output = Result<Reds, StoreError>> + Send;

    /// The completions of a group.
    fn gate(
        &self,
        artifact: &Artifact,
        group: GroupId,
    ) -> impl Future<Output = Result<Gate, StoreError>> + Send;

    /// The completions of those of the groups that were complete once, in any order.
    fn gates(
        &self,
        artifact: &Artifact,
        groups: &[GroupId],
    ) -> impl Future<Output = Result<Vec<(GroupId, Gate)>, StoreError>> + Send;

    /// The groups that were complete once, after this one in the order of their ids. There may be more unless the result
    /// is empty.
    fn gates_after(
        &self,
        artifact: &Artifact,
        after: Option<GroupId>,
    ) -> impl Future<Output = Result<Vec<(GroupId, Gate)>, StoreError>> + Send;

    /// How far the index was behind, if that was ever measured.
    fn lag(&self) -> impl Future<Output = Result<Option<Lag>, StoreError>> + Send;
}

/// The most gates of one request for those after another.
const GATES_AT_ONCE: u16 = 100;

/// The two tables of the registry.
#[derive(Debug, Clone)]
pub struct Tables {
    /// The table with events, receivers, groups, ledgers and gates.
    pub table: Table,
    /// Its index.
    pub index: Index,
}

impl ReadGates for Tables {
    async fn group(&self, id: GroupId) -> Result<Option<EventReceiverGroup>, StoreError> {
        self.table.group(id).await
    }

    async fn groups(&self, ids: &[GroupId]) -> Result<Vec<EventReceiverGroup>, StoreError> {
        self.table.groups(ids).await
    }

    async fn groups_of(&self, receiver: ReceiverId) -> Result<Vec<GroupId>, StoreError> {
        self.table.groups_of(receiver).await
    }

    async fn names(&self, ids: &[ReceiverId]) -> Result<Vec<ReceiverName>, StoreError> {
        self.table.receiver_names(ids).await
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

    async fn gates(
        &self,
        artifact: &Artifact,
        groups: &[GroupId],
    ) -> Result<Vec<(GroupId, Gate)>, StoreError> {
        self.table.gates_of(artifact, groups).await
    }

    async fn gates_after(
        &self,
        artifact: &Artifact,
        after: Option<GroupId>,
    ) -> Result<Vec<(GroupId, Gate)>, StoreError> {
        self.table.gates_after(artifact, after, GATES_AT_ONCE).await
    }

    async fn lag(&self) -> Result<Option<Lag>, StoreError> {
        self.index.lag().await
    }
}
