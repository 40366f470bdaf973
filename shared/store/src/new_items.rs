//! The items of a create. They are written together, and each of them must be new.

use aws_sdk_dynamodb::types::{AttributeValue, TransactWriteItem};

use crate::{
    condition::Condition,
    error::StoreError,
    table::{Item, Table},
    transaction::NotWritten,
};

/// The role of an item in a create.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The first response to an idempotency key.
    Response,
    /// The identity of a receiver.
    Identity,
    /// An item with an id that was just generated.
    Entity,
    /// The ledger of failures, which may have a later one already.
    Ledger,
}

/// An item that is written under the condition that it is new.
#[derive(Debug, Clone)]
pub(crate) struct NewItem {
    role: Role,
    item: Item,
    condition: Condition,
}

impl NewItem {
    pub(crate) fn new(role: Role, item: Item) -> Self {
        Self { role, item, condition: Condition::is_new() }
    }

    /// An item that may replace an expired one. `expires_at` and `now_s` are seconds since 1970.
    pub(crate) fn or_expired(role: Role, item: Item, now_s: u64) -> Self {
        let is_expired =
            Condition::new("expires_at <= :now").value(":now", AttributeValue::N(now_s.to_string()));
        Self { role, item, condition: Condition::is_new().or(is_expired) }
    }
}

impl NewItem {
    /// The write of the item. Its refusal contains the item that exists.
    pub(crate) fn write(self, table: &str) -> Result<(Role, TransactWriteItem), StoreError> {
        Ok((self.role, self.condition.put_or_return_existing(table, self.item)?))
    }
}

/// The result of a create.
#[derive(Debug)]
pub(crate) enum Created {
    /// All items are written.
    All,
    /// Nothing is written. An item of this role existed before.
    Exists(Role, Item),
}

impl Table {
    /// Writes all items or none.
    pub(crate) async fn create(&self, items: Vec<NewItem>) -> Result<Created, StoreError> {
        let writes =
            items.into_iter().map(|item| item.write(&self.name)).collect::<Result<Vec<_>, StoreError>>()?;
        match self.transact(writes).await {
            Ok(()) => Ok(Created::All),
            Err(NotWritten::Refused { part, existing }) => Ok(Created::Exists(part, existing)),
            Err(error) => Err(error.into()),
        }
    }
}

/// The error of a create whose new id exists already. A ULID has 80 random bits, so this is not expected.
pub(crate) fn id_exists_error(id: &str) -> StoreError {
    StoreError::Failed(format!("the new id {id} exists already"))
}
