//! Conditional puts, several in one transaction.

use std::time::Duration;

use aws_sdk_dynamodb::{
    error::{BuildError, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{
        AttributeValue, CancellationReason, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem,
        builders::PutBuilder,
    },
};

use crate::{
    error::{StoreError, is_conflict},
    table::{Item, Table},
};

/// Every item is new: a write never replaces another's.
pub(crate) const IS_NEW: &str = "attribute_not_exists(pk)";

/// The most items of one transaction:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
pub(crate) const MAX_ITEMS: usize = 100;

/// How often a transaction is tried again that met another on the same items, and how long it waits
/// before; of those that meet, DynamoDB lets at least one through.
const CONFLICT_DELAYS_MS: [u64; 6] = [10, 20, 40, 80, 160, 320];

/// An item to write, and what may stand in its place.
#[derive(Clone)]
pub(crate) struct NewItem {
    item: Item,
    expired_at: Option<u64>,
}

impl From<Item> for NewItem {
    fn from(item: Item) -> Self {
        Self { item, expired_at: None }
    }
}

impl NewItem {
    /// An item that may replace one whose `expires_at` has passed.
    pub(crate) fn or_expired(item: Item, now_s: u64) -> Self {
        Self { item, expired_at: Some(now_s) }
    }

    fn put(self, table: &str) -> Result<TransactWriteItem, BuildError> {
        let put = Put::builder()
            .table_name(table)
            .set_item(Some(self.item))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        let put = match self.expired_at {
            None => put.condition_expression(IS_NEW),
            Some(now_s) => put
                .condition_expression(format!("{IS_NEW} OR expires_at <= :now"))
                .expression_attribute_values(":now", AttributeValue::N(now_s.to_string())),
        };
        Ok(TransactWriteItem::builder().put(put.build()?).build())
    }
}

/// How a transaction of new items ended.
pub(crate) enum Written {
    /// All items are written.
    All,
    /// Nothing is written: this item was there before.
    Exists {
        /// Which of the items given it stands in the place of.
        index: usize,
        /// The item that was there.
        item: Item,
    },
}

impl Table {
    /// Writes all items or none; each must be new. The SDK sends a `ClientRequestToken`, so that its
    /// own retry of a lost answer is not taken for another's write.
    pub(crate) async fn put_new(&self, items: Vec<NewItem>) -> Result<Written, StoreError> {
        let puts = items
            .into_iter()
            .map(|item| item.put(&self.name))
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        match self.transact(puts).await {
            Ok(()) => Ok(Written::All),
            Err(error) => first_existing(&error).ok_or_else(|| error.into()),
        }
    }

    /// A put into this table.
    pub(crate) fn item(&self, put: PutBuilder) -> Result<TransactWriteItem, StoreError> {
        let put = put.table_name(&self.name).build();
        let put = put.map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// Writes all or none. One that meets another on the same items is tried again, unless a condition of
    /// its own has failed.
    pub(crate) async fn transact(&self, writes: Vec<TransactWriteItem>) -> Result<(), TransactError> {
        let mut delays = CONFLICT_DELAYS_MS.into_iter();
        loop {
            let written =
                self.client.transact_write_items().set_transact_items(Some(writes.clone())).send().await;
            let Err(error) = written else { return Ok(()) };
            let is_lasting = reasons(&error).iter().any(is_failed_condition);
            match delays.next().filter(|_| !is_lasting && is_conflict(&error)) {
                Some(delay_ms) => tokio::time::sleep(Duration::from_millis(delay_ms)).await,
                None => return Err(error),
            }
        }
    }
}

/// A put under a condition, to be an [`item`](Table::item) of a transaction.
pub(crate) fn put<const N: usize>(
    item: Item,
    condition: &str,
    values: [(&str, AttributeValue); N],
) -> PutBuilder {
    let mut put = Put::builder().set_item(Some(item)).condition_expression(condition);
    if condition.contains("#state") {
        put = put.expression_attribute_names("#state", "state");
    }
    for (name, value) in values {
        put = put.expression_attribute_values(name, value);
    }
    put
}

/// Why a transaction was not written.
pub(crate) type TransactError = SdkError<TransactWriteItemsError>;

/// Whether the condition of the write at this index failed.
pub(crate) fn is_condition_failed(error: &TransactError, index: usize) -> bool {
    reasons(error).get(index).is_some_and(is_failed_condition)
}

fn is_failed_condition(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

/// What is said of each write of a cancelled transaction.
fn reasons(error: &TransactError) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons()
        }
        _ => &[],
    }
}

fn first_existing(error: &TransactError) -> Option<Written> {
    let mut reasons = reasons(error).iter().enumerate();
    reasons.find_map(|(index, reason)| Some(Written::Exists { index, item: reason.item()?.clone() }))
}
