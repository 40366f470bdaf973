//! From the body of a POST to a stored event.

use xzepr_domain::{EventId, EventRequest, Idempotency};
use xzepr_http::Error;
use xzepr_store::Table;

use crate::schemas::Schemas;

pub(crate) struct CreateEvent {
    table: Table,
    schemas: Schemas,
}

impl CreateEvent {
    pub(crate) fn new(table: Table) -> Self {
        Self { schemas: Schemas::new(table.clone()), table }
    }

    pub(crate) async fn create(
        &self,
        body: &str,
        idempotency: Option<&Idempotency>,
    ) -> Result<String, Error> {
        if let Some(answer) = self.table.first_response(idempotency).await? {
            return Ok(answer);
        }
        let request = EventRequest::parse(body)?;
        let schema = match request.event_receiver_id() {
            Some(receiver) => self.schemas.of(receiver).await?,
            None => None,
        };
        let event = request.accept(schema.as_ref().map(Result::as_deref), EventId::generate())?;
        Ok(self.table.put_event(&event, idempotency).await?)
    }
}
