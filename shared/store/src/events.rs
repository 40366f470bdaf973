//! Events: one conditional write each.

use aws_sdk_dynamodb::{operation::put_item::PutItemError, types::ReturnValuesOnConditionCheckFailure};
use xzepr_domain::{Event, Idempotency};

use crate::{
    error::StoreError,
    event_items::EventItem,
    idempotency::{answer_item, kept_answer},
    table::{Item, Table, to_item},
    transaction::{IS_NEW, Written},
};

impl Table {
    /// Stores an event and returns its id. When it returns, the event is durable and will be published.
    /// With an idempotency key that was answered meanwhile, it stores nothing and returns that answer.
    pub async fn put_event(
        &self,
        event: &Event,
        idempotency: Option<&Idempotency>,
    ) -> Result<String, StoreError> {
        let id = event.id.to_string();
        let item = to_item(EventItem::from(event))?;
        let Some(idempotency) = idempotency else { return self.put_item(item).await.map(|()| id) };
        match self.put_new(vec![answer_item(idempotency, &id)?, item.into()]).await? {
            Written::All => Ok(id),
            Written::Exists { index: 0, item } => kept_answer(item, idempotency),
            Written::Exists { .. } => Err(StoreError::Failed(format!("the new id {id} is taken"))),
        }
    }

    /// One write unit for an event of 1 KB, where a transaction takes two.
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
                // The SDK's retry of an attempt whose answer was lost finds what that attempt stored.
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
