//! Reads of many items at once.

use aws_sdk_dynamodb::{
    Config, config,
    types::{AttributeValue, KeysAndAttributes},
};

use crate::{
    error::StoreError,
    keys::{Key, PARTITION_KEY, SORT_KEY},
    table::{Item, Table, key_item},
};

/// The most keys of one BatchGetItem:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html>
const MAX_KEYS: usize = 100;

/// The most requests for one set of keys. DynamoDB may leave keys unprocessed, which are then requested again.
const MAX_ROUNDS: usize = 5;

impl Table {
    /// Reads the items with these keys, as far as they exist: these attributes, or all if none is named. The read sees
    /// every write that ended before it began.
    pub(crate) async fn get_all(&self, keys: Vec<Key>, attributes: &[&str]) -> Result<Vec<Item>, StoreError> {
        self.get_all_within(&Config::builder(), keys, attributes).await
    }

    /// Reads items as [`get_all`](Self::get_all), each request within these time limits.
    pub(crate) async fn get_all_within(
        &self,
        limits: &config::Builder,
        keys: Vec<Key>,
        attributes: &[&str],
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::with_capacity(keys.len());
        for keys in keys.chunks(MAX_KEYS) {
            let mut keys: Vec<Item> = keys.iter().map(key_item).collect();
            let mut rounds = 0;
            while !keys.is_empty() {
                rounds += 1;
                if rounds > MAX_ROUNDS {
                    let error = format!("DynamoDB left {} keys unprocessed", keys.len());
                    return Err(StoreError::Unavailable(error));
                }
                let (found, unprocessed) = self.batch_get(limits, keys, attributes).await?;
                items.extend(found);
                keys = unprocessed;
            }
        }
        Ok(items)
    }

    /// The items that exist, and the keys that were left unprocessed.
    async fn batch_get(
        &self,
        limits: &config::Builder,
        keys: Vec<Item>,
        attributes: &[&str],
    ) -> Result<(Vec<Item>, Vec<Item>), StoreError> {
        // DynamoDB reserves words such as `name`, and refuses an empty map.
        let names: Vec<_> = (0..attributes.len()).map(|index| format!("#a{index}")).collect();
        let placeholders = names.iter().cloned().zip(attributes.iter().map(ToString::to_string)).collect();
        let is_projected = !attributes.is_empty();
        let request = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .set_projection_expression(is_projected.then(|| names.join(", ")))
            .set_expression_attribute_names(is_projected.then_some(placeholders))
            .consistent_read(true)
            .build()
            .map_err(|error| StoreError::Failed(error.to_string()))?;
        let get = self.client.batch_get_item().request_items(&self.name, request);
        let output = get.customize().config_override(limits.clone()).send().await?;
        let found = output.responses.and_then(|mut tables| tables.remove(&self.name)).unwrap_or_default();
        let unprocessed = output
            .unprocessed_keys
            .and_then(|mut tables| tables.remove(&self.name))
            .map_or_else(Vec::new, |left| left.keys);
        Ok((found, unprocessed))
    }

    /// Reads the items of a partition whose sort keys have this prefix, in the order of their sort keys. Each request
    /// sees every write that ended before it began.
    pub(crate) async fn query_prefix(
        &self,
        partition: String,
        prefix: &str,
    ) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        let mut start_key = None;
        loop {
            let output = self
                .client
                .query()
                .table_name(&self.name)
                .key_condition_expression("#pk = :pk AND begins_with(#sk, :prefix)")
                .expression_attribute_names("#pk", PARTITION_KEY)
                .expression_attribute_names("#sk", SORT_KEY)
                .expression_attribute_values(":pk", AttributeValue::S(partition.clone()))
                .expression_attribute_values(":prefix", AttributeValue::S(prefix.to_owned()))
                .consistent_read(true)
                .set_exclusive_start_key(start_key)
                .send()
                .await?;
            items.extend(output.items.unwrap_or_default());
            start_key = output.last_evaluated_key;
            if start_key.is_none() {
                return Ok(items);
            }
        }
    }
}
