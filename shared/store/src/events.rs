//! Events: one conditional write each.

use aws_sdk_dynamodb::{operation::put_item::PutItemError, types::ReturnValuesOnConditionCheckFailure};
use xzepr_domain::Event;

use crate::{
    error::StoreError,
    event_items::EventItem,
    table::{Table, to_item},
    transaction::IS_NEW,
};

impl Table {
    /// Stores an event. When it returns, the event is durable and will be published.
    pub async fn put_event(&self, event: &Event) -> Result<(), StoreError> {
        let item = to_item(EventItem::from(event))?;
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
