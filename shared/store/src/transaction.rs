//! Conditional puts, several in one transaction.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::transact_write_items::TransactWriteItemsError,
    types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem},
};

use crate::{
    error::StoreError,
    table::{Item, Table},
};

/// Every item is new: a write never replaces another's.
pub(crate) const IS_NEW: &str = "attribute_not_exists(pk)";

/// The most items of one transaction:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
pub(crate) const MAX_ITEMS: usize = 100;

/// How a transaction of new items ended.
pub(crate) enum Written {
    /// All items are written.
    All,
    /// Nothing is written: this item was there before, in the place of the first one given.
    FirstExists(Item),
}

impl Table {
    /// Writes all items or none; each must be new. The SDK sends a `ClientRequestToken`, so that its
    /// own retry of a lost answer is not taken for another's write.
    pub(crate) async fn put_new(&self, items: Vec<Item>) -> Result<Written, StoreError> {
        let puts = items
            .into_iter()
            .map(|item| {
                Put::builder()
                    .table_name(&self.name)
                    .set_item(Some(item))
                    .condition_expression(IS_NEW)
                    .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
                    .build()
                    .map(|put| TransactWriteItem::builder().put(put).build())
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        match self.client.transact_write_items().set_transact_items(Some(puts)).send().await {
            Ok(_) => Ok(Written::All),
            Err(error) => match first_existing(&error) {
                Some(item) => Ok(Written::FirstExists(item)),
                None => Err(error.into()),
            },
        }
    }
}

fn first_existing(error: &SdkError<TransactWriteItemsError>) -> Option<Item> {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) = error.as_service_error()
    else {
        return None;
    };
    cancelled.cancellation_reasons().first()?.item().cloned()
}
