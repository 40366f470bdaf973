//! The reads and writes of the table that a PATCH of an event receiver group needs.

use std::future::Future;

use xzepr_domain::{CreatedBy, Event, EventReceiverGroup, GroupId};
use xzepr_store::{ModifyOutcome, StoreError, Table};

/// Finds and changes groups of receivers.
pub(crate) trait ChangeGroups: Sync {
    /// A group. `None` if it does not exist.
    fn find(
        &self,
        id: GroupId,
    ) -> impl Future<Output = Result<Option<EventReceiverGroup>, StoreError>> + Send;

    /// Stores a changed group and its modified event with their sender, unless the group is so already.
    fn modify(
        &self,
        changed: &EventReceiverGroup,
        modified: &Event,
        created_by: Option<&CreatedBy>,
    ) -> impl Future<Output = Result<ModifyOutcome, StoreError>> + Send;
}

impl ChangeGroups for Table {
    async fn find(&self, id: GroupId) -> Result<Option<EventReceiverGroup>, StoreError> {
        self.group(id).await
    }

    async fn modify(
        &self,
        changed: &EventReceiverGroup,
        modified: &Event,
        created_by: Option<&CreatedBy>,
    ) -> Result<ModifyOutcome, StoreError> {
        self.modify_group(changed, modified, created_by).await
    }
}
