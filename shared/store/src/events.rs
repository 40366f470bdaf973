//! Events. One conditional write stores each.

use aws_sdk_dynamodb::{operation::put_item::PutItemError, types::ReturnValuesOnConditionCheckFailure};
#[cfg(doc)]
use xzepr_domain::gate::Reds;
use xzepr_domain::{CreatedBy, Event, EventId, Idempotency};

use crate::{
    condition::IS_NEW,
    created_by::made_by,
    error::StoreError,
    event_items::EventItem,
    idempotency::{existing_response, response_item},
    keys::Key,
    ledger::raise_in_ledger,
    new_items::{NewItem, Role, id_exists_error},
    table::{Item, Table, to_item},
    transaction::NotWritten,
};

impl Table {
    /// Stores an event and returns its id. When it returns, the event is durable and will be published. If another
    /// request with the same idempotency key has stored its response in the meantime, it stores nothing and returns
    /// that response.
    ///
    /// A caller's failed event is also written into its artifact's [ledger](Reds), in the same transaction. Fails with
    /// [`StoreError::ArtifactFull`] if the ledger has no room.
    pub async fn put_event(
        &self,
        event: &Event,
        idempotency: Option<&Idempotency>,
        created_by: Option<&CreatedBy>,
    ) -> Result<String, StoreError> {
        let id = event.id.to_string();
        let item = || Ok::<_, StoreError>(made_by(to_item(EventItem::from(event))?, created_by));
        let ledger = raise_in_ledger(&self.name, event)?.map(|update| (Role::Ledger, update));
        if ledger.is_none() && idempotency.is_none() {
            return self.put_item(item).await.map(|()| id);
        }
        let response = idempotency.map(|idempotency| response_item(idempotency, &id)).transpose()?;
        let items = response.into_iter().chain([NewItem::new(Role::Entity, item()?)]);
        let mut writes = items.map(|item| item.write(&self.name)).collect::<Result<Vec<_>, _>>()?;
        writes.extend(ledger);
        let mut written = self.transact(writes.clone()).await;
        if let Err(NotWritten::Refused { part: Role::Ledger, .. }) = written {
            // The ledger has a later failure of this receiver, which counts for this one too.
            writes.pop();
            written = self.transact(writes).await;
        }
        match (written, idempotency) {
            (Ok(()), _) => Ok(id),
            (Err(NotWritten::Refused { part: Role::Response, existing }), Some(idempotency)) => {
                existing_response(existing, idempotency)
            }
            (Err(NotWritten::Refused { .. }), _) => Err(id_exists_error(&id)),
            (Err(NotWritten::TooLarge { part: Role::Ledger }), _) => Err(StoreError::ArtifactFull),
            (Err(error), _) => Err(error.into()),
        }
    }

    /// Reads an event. The read sees every write that ended before it began.
    pub async fn find_event(&self, id: EventId) -> Result<Option<Event>, StoreError> {
        let event = self.event(&Key::event(id)).await?.transpose();
        event.map_err(|shape| StoreError::InvalidItem(format!("the item of event {id} is no event: {shape}")))
    }

    /// Costs one write unit for an event of 1 KB. A transaction costs two. Makes the item again for a comparison, which is
    /// rare, since a copy of a large one would cost every put.
    async fn put_item(&self, item: impl Fn() -> Result<Item, StoreError>) -> Result<(), StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item()?))
            .condition_expression(IS_NEW)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match put {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                // If a response is lost, the SDK's retry finds the item that the first attempt stored.
                Some(PutItemError::ConditionalCheckFailedException(failed))
                    if failed.item() == Some(&item()?) =>
                {
                    Ok(())
                }
                _ => Err(error.into()),
            },
        }
    }
}
