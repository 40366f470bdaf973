//! The reads of the table that the queries need.

use std::future::Future;

use xzepr_domain::{Event, EventId, EventReceiver, EventReceiverGroup, GroupId, ReceiverId};
use xzepr_store::{GroupFilter, ReceiverFilter, StoreError, Table};

/// Reads events, receivers and groups. Each read sees every write that ended before it began.
pub trait ReadEntities: Sync {
    /// An event. `None` if it does not exist.
    fn find_event(&self, id: EventId) -> impl Future<Output = Result<Option<Event>, StoreError>> + Send;

    /// A receiver. `None` if it does not exist.
    fn find_receiver(
        &self,
        id: ReceiverId,
    ) -> impl Future<Output = Result<Option<EventReceiver>, StoreError>> + Send;

    /// A group. `None` if it does not exist.
    fn find_group(
        &self,
        id: GroupId,
    ) -> impl Future<Output = Result<Option<EventReceiverGroup>, StoreError>> + Send;

    /// Those of the receivers that exist.
    fn find_receivers(
        &self,
        ids: &[ReceiverId],
    ) -> impl Future<Output = Result<Vec<EventReceiver>, StoreError>> + Send;

    /// Those of the groups that exist.
    fn find_groups(
        &self,
        ids: &[GroupId],
    ) -> impl Future<Output = Result<Vec<EventReceiverGroup>, StoreError>> + Send;

    /// The ids of the receivers that match the filter, newest first.
    fn list_receivers(
        &self,
        filter: &ReceiverFilter,
    ) -> impl Future<Output = Result<Vec<ReceiverId>, StoreError>> + Send;

    /// The ids of the groups that match the filter, newest first.
    fn list_groups(
        &self,
        filter: &GroupFilter,
    ) -> impl Future<Output = Result<Vec<GroupId>, StoreError>> + Send;
}

impl ReadEntities for Table {
    async fn find_event(&self, id: EventId) -> Result<Option<Event>, StoreError> {
        Self::find_event(self, id).await
    }

    async fn find_receiver(&self, id: ReceiverId) -> Result<Option<EventReceiver>, StoreError> {
        self.receiver(id).await
    }

    async fn find_group(&self, id: GroupId) -> Result<Option<EventReceiverGroup>, StoreError> {
        self.group(id).await
    }

    async fn find_receivers(&self, ids: &[ReceiverId]) -> Result<Vec<EventReceiver>, StoreError> {
        self.receivers(ids).await
    }

    async fn find_groups(&self, ids: &[GroupId]) -> Result<Vec<EventReceiverGroup>, StoreError> {
        self.groups(ids).await
    }

    async fn list_receivers(&self, filter: &ReceiverFilter) -> Result<Vec<ReceiverId>, StoreError> {
        self.receiver_ids(filter).await
    }

    async fn list_groups(&self, filter: &GroupFilter) -> Result<Vec<GroupId>, StoreError> {
        self.group_ids(filter).await
    }
}
