//! Events. One conditional write stores each.

use aws_sdk_dynamodb::{operation::put_item::PutItemError, types::ReturnValuesOnConditionCheckFailure};
use xzepr_domain::{CreatedBy, Event, Idempotency};

use crate::{
    condition::IS_NEW,
    created_by::made_by,
    error::StoreError,
    event_items::EventItem,
    idempotency::{existing_response, response_item},
    new_items::{Created, NewItem, Role, id_exists_error},
    table::{Item, Table, to_item},
};

impl Table {
    /// Stores an event and returns its id. When it returns, the event is durable and will be published. If another
    /// request with the same idempotency key has stored its response in the meantime, it stores nothing and returns
    /// that response.
    pub async fn put_event(
        &self,
        event: &Event,
        idempotency: Option<&Idempotency>,
        created_by: Option<&CreatedBy>,
    ) -> Result<String, StoreError> {
        let id = event.id.to_string();
        let item = made_by(to_item(EventItem::from(event))?, created_by);
        let Some(idempotency) = idempotency else { return self.put_item(item).await.map(|()| id) };
        let items = vec![response_item(idempotency, &id)?, NewItem::new(Role::Entity, item)];
        match self.create(items).await? {
            Created::All => Ok(id),
            Created::Exists(Role::Response, item) => existing_response(item, idempotency),
            Created::Exists(..) => Err(id_exists_error(&id)),
        }
    }

    /// Costs one write unit for an event of 1 KB. A transaction costs two.
    async fn put_item(&self, item: Item) -> Result<(), StoreError> {
        let put = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item.clone()))
            .condition_expression(IS_NEW)
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match put {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                // If a response is lost, the SDK's retry finds the item that the first attempt stored.
                Some(PutItemError::ConditionalCheckFailedException(failed))
                    if failed.item() == Some(&item) =>
                {
                    Ok(())
                }
                _ => Err(error.into()),
            },
        }
    }
}
