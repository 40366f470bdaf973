//! The reads and writes of the table that a POST of an event receiver needs.

use std::future::Future;

use xzepr_domain::{CreatedBy, Event, EventReceiver, Idempotency};
use xzepr_store::{StoreError, Table};

/// Declares receivers.
pub(crate) trait DeclareReceivers: Sync {
    /// The id in the first response to a request with this key, if there was one.
    fn find_first_response(
        &self,
        idempotency: Option<&Idempotency>,
    ) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// Stores a receiver and its created event with their sender, unless an equal receiver exists. Returns the id of
    /// the stored one.
    fn declare(
        &self,
        receiver: &EventReceiver,
        created: &Event,
        idempotency: Option<&Idempotency>,
        created_by: Option<&CreatedBy>,
    ) -> impl Future<Output = Result<String, StoreError>> + Send;
}

impl DeclareReceivers for Table {
    async fn find_first_response(
        &self,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<String>, StoreError> {
        self.first_response(idempotency).await
    }

    async fn declare(
        &self,
        receiver: &EventReceiver,
        created: &Event,
        idempotency: Option<&Idempotency>,
        created_by: Option<&CreatedBy>,
    ) -> Result<String, StoreError> {
        self.declare_receiver(receiver, created, idempotency, created_by).await
    }
}
