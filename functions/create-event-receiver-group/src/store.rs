//! The reads and writes of the table that a POST of an event receiver group needs.

use std::{collections::HashSet, future::Future};

use xzepr_domain::{CreatedBy, Event, EventReceiverGroup, Idempotency, ReceiverId};
use xzepr_store::{StoreError, Table};

/// Stores groups of receivers.
pub(crate) trait StoreGroups: Sync {
    /// The id in the first response to a request with this key, if there was one.
    fn find_first_response(
        &self,
        idempotency: Option<&Idempotency>,
    ) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// Those of the receivers that exist.
    fn find_existing(
        &self,
        receivers: &[ReceiverId],
    ) -> impl Future<Output = Result<HashSet<ReceiverId>, StoreError>> + Send;

    /// Stores a group and its created event with their sender, and its memberships, and returns its id. If another
    /// request with this key was first, there is no new group, and the id in its response is returned.
    fn store_group(
        &self,
        group: &EventReceiverGroup,
        created: &Event,
        idempotency: Option<&Idempotency>,
        created_by: Option<&CreatedBy>,
    ) -> impl Future<Output = Result<String, StoreError>> + Send;
}

impl StoreGroups for Table {
    async fn find_first_response(
        &self,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<String>, StoreError> {
        self.first_response(idempotency).await
    }

    async fn find_existing(&self, receivers: &[ReceiverId]) -> Result<HashSet<ReceiverId>, StoreError> {
        self.existing_receivers(receivers).await
    }

    async fn store_group(
        &self,
        group: &EventReceiverGroup,
        created: &Event,
        idempotency: Option<&Idempotency>,
        created_by: Option<&CreatedBy>,
    ) -> Result<String, StoreError> {
        self.create_group(group, created, idempotency, created_by).await
    }
}
