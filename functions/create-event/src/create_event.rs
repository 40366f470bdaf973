//! From the body of a POST to a stored event.

use xzepr_domain::{EventId, EventRequest};
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

    pub(crate) async fn create(&self, body: &str) -> Result<EventId, Error> {
        let request = EventRequest::parse(body)?;
        let schema = match request.event_receiver_id() {
            Some(receiver) => self.schemas.of(receiver).await?,
            None => None,
        };
        let event = request.accept(schema.as_deref(), EventId::generate())?;
        self.table.put_event(&event).await?;
        Ok(event.id)
    }
}
