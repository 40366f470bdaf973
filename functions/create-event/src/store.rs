//! The reads and writes of the table that a POST of an event needs.

use std::future::Future;

use xzepr_domain::{CreatedBy, Event, Idempotency, JsonText, ReceiverId};
use xzepr_store::{StoreError, Table};

/// Reads receivers.
pub(crate) trait ReadReceivers: Sync {
    /// The text of a receiver's schema. `None` if the receiver does not exist.
    fn read_schema(
        &self,
        receiver: ReceiverId,
    ) -> impl Future<Output = Result<Option<JsonText>, StoreError>> + Send;
}

/// Stores events.
pub(crate) trait StoreEvents: Sync {
    /// The id in the first response to a request with this key, if there was one.
    fn find_first_response(
        &self,
        idempotency: Option<&Idempotency>,
    ) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// Stores an event with its sender, and returns its id. If another request with this key was first, nothing is
    /// stored, and the id in its response is returned.
    fn store_event(
        &self,
        event: &Event,
        idempotency: Option<&Idempotency>,
        created_by: Option<&CreatedBy>,
    ) -> impl Future<Output = Result<String, StoreError>> + Send;
}

impl ReadReceivers for Table {
    async fn read_schema(&self, receiver: ReceiverId) -> Result<Option<JsonText>, StoreError> {
        self.receiver_schema(receiver).await
    }
}

impl StoreEvents for Table {
    async fn find_first_response(
        &self,
        idempotency: Option<&Idempotency>,
    ) -> Result<Option<String>, StoreError> {
        self.first_response(idempotency).await
    }

    async fn store_event(
        &self,
        event: &Event,
        idempotency: Option<&Idempotency>,
        created_by: Option<&CreatedBy>,
    ) -> Result<String, StoreError> {
        self.put_event(event, idempotency, created_by).await
    }
}
