//! The condition of a write.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ConditionCheck, Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem},
};

use crate::{
    error::StoreError,
    keys::Key,
    table::{Item, key_item},
};

/// Holds if no item has this key, so that the write replaces nothing.
pub(crate) const IS_NEW: &str = "attribute_not_exists(pk)";

/// A condition expression with its placeholders.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) expression: String,
    /// Placeholders for attributes whose names DynamoDB reserves.
    pub(crate) names: HashMap<String, String>,
    pub(crate) values: HashMap<String, AttributeValue>,
}

impl Condition {
    pub(crate) fn new(expression: impl Into<String>) -> Self {
        Self { expression: expression.into(), names: HashMap::new(), values: HashMap::new() }
    }

    /// Holds if no item has the key.
    pub(crate) fn is_new() -> Self {
        Self::new(IS_NEW)
    }

    /// Adds a placeholder, such as `#state`, for the name of an attribute.
    pub(crate) fn name(mut self, placeholder: &str, attribute: &str) -> Self {
        self.names.insert(placeholder.to_owned(), attribute.to_owned());
        self
    }

    /// Adds a placeholder, such as `:state`, for a value.
    pub(crate) fn value(mut self, placeholder: &str, value: AttributeValue) -> Self {
        self.values.insert(placeholder.to_owned(), value);
        self
    }

    pub(crate) fn and(self, other: Self) -> Self {
        self.join("AND", other)
    }

    pub(crate) fn or(self, other: Self) -> Self {
        self.join("OR", other)
    }

    fn join(mut self, operator: &str, other: Self) -> Self {
        self.expression = format!("({}) {operator} ({})", self.expression, other.expression);
        self.names.extend(other.names);
        self.values.extend(other.values);
        self
    }

    /// A put under this condition, for a transaction.
    pub(crate) fn put(self, table: &str, item: Item) -> Result<TransactWriteItem, StoreError> {
        self.put_or_return(None, table, item)
    }

    /// The same put. If it is refused, the refusal contains the item that exists.
    pub(crate) fn put_or_return_existing(
        self,
        table: &str,
        item: Item,
    ) -> Result<TransactWriteItem, StoreError> {
        self.put_or_return(Some(ReturnValuesOnConditionCheckFailure::AllOld), table, item)
    }

    fn put_or_return(
        self,
        if_refused: Option<ReturnValuesOnConditionCheckFailure>,
        table: &str,
        item: Item,
    ) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(table)
            .set_item(Some(item))
            .condition_expression(self.expression)
            // DynamoDB refuses an empty map.
            .set_expression_attribute_names(Some(self.names).filter(|names| !names.is_empty()))
            .set_expression_attribute_values(Some(self.values).filter(|values| !values.is_empty()))
            .set_return_values_on_condition_check_failure(if_refused)
            .build()
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

impl Condition {
    /// Checks the condition on an item that the transaction does not write.
    pub(crate) fn check(self, table: &str, key: &Key) -> Result<TransactWriteItem, StoreError> {
        let check = ConditionCheck::builder()
            .table_name(table)
            .set_key(Some(key_item(key)))
            .condition_expression(self.expression)
            .set_expression_attribute_names(Some(self.names).filter(|names| !names.is_empty()))
            .set_expression_attribute_values(Some(self.values).filter(|values| !values.is_empty()))
            .build()
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }
}

/// Whether an update wrote nothing because its condition failed.
pub(crate) fn has_failed_condition(error: &SdkError<UpdateItemError>) -> bool {
    matches!(error.as_service_error(), Some(UpdateItemError::ConditionalCheckFailedException(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_joined_condition_has_the_placeholders_of_both() {
        let number = || AttributeValue::N("1".to_owned());
        let state = Condition::new("#state = :state").name("#state", "state").value(":state", number());
        let joined = state.and(Condition::new("slice = :slice").value(":slice", number()));
        let put = joined.put("table", Item::new()).unwrap().put.unwrap();
        assert_eq!(put.condition_expression(), Some("(#state = :state) AND (slice = :slice)"));
        assert_eq!(put.expression_attribute_names().map(HashMap::len), Some(1));
        assert_eq!(put.expression_attribute_values().map(HashMap::len), Some(2));
        let put = Condition::is_new().put("table", Item::new()).unwrap().put.unwrap();
        assert!(put.expression_attribute_names().is_none() && put.expression_attribute_values().is_none());
    }
}
