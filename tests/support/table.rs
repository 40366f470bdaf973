//! The system's table, past every function.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;

use crate::{EventItem, Item, System, partition_key};

impl System {
    /// The partition and sort keys of everything in the table.
    pub async fn keys(&self) -> Vec<(String, String)> {
        let output =
            self.dynamodb.scan().table_name(&self.stack.table).consistent_read(true).send().await.unwrap();
        let text = |value: &AttributeValue| value.as_s().unwrap().clone();
        let mut keys: Vec<_> =
            output.items().iter().map(|item| (text(&item["pk"]), text(&item["sk"]))).collect();
        keys.sort();
        keys
    }

    /// The item under these keys, if there is one.
    pub async fn item(&self, partition_key: &str, sort_key: &str) -> Option<Item> {
        let request = self.dynamodb.get_item().table_name(&self.stack.table).consistent_read(true);
        request.set_key(Some(key(partition_key, sort_key))).send().await.unwrap().item
    }

    /// The item of an event that a function stored.
    pub async fn event_item(&self, id: &str) -> EventItem {
        self.item(&partition_key(id), id).await.unwrap().into()
    }

    /// Puts an item into the table past every check.
    pub async fn put(&self, item: impl Into<Item>) {
        let request = self.dynamodb.put_item().table_name(&self.stack.table);
        request.set_item(Some(item.into())).send().await.unwrap();
    }

    /// Sets one attribute of an item to another value.
    pub async fn set(&self, (partition_key, sort_key): (&str, &str), attribute: &str, value: AttributeValue) {
        self.dynamodb
            .update_item()
            .table_name(&self.stack.table)
            .set_key(Some(key(partition_key, sort_key)))
            .update_expression("SET #attribute = :value")
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_values(":value", value)
            .send()
            .await
            .unwrap();
    }

    /// Deletes an item.
    pub async fn remove(&self, partition_key: &str, sort_key: &str) {
        let request = self.dynamodb.delete_item().table_name(&self.stack.table);
        request.set_key(Some(key(partition_key, sort_key))).send().await.unwrap();
    }
}

/// The attributes of a key.
pub(crate) fn key(partition_key: &str, sort_key: &str) -> Item {
    let text = |text: &str| AttributeValue::S(text.to_owned());
    HashMap::from([("pk".to_owned(), text(partition_key)), ("sk".to_owned(), text(sort_key))])
}
