//! One partition key of a day.

use std::{collections::VecDeque, time::Duration};

use aws_sdk_dynamodb::{
    config::{Config, timeout::TimeoutConfig},
    types::AttributeValue,
};

use crate::{
    error::StoreError,
    keys::{Key, PARTITION_KEY, SORT_KEY},
    table::{Item, Table},
};

/// The most items that one query reads. DynamoDB ends a query at 1 MB, which is four of the largest events.
const LIMIT: i32 = 64;

/// A query can return a megabyte, and a function of 512 MB reads it with less than a third of a CPU. No caller waits
/// for it, so it may take longer than the requests of a POST.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(35);

/// A partition key, with the items that are read and not yet merged.
pub(super) struct Partition {
    key: String,
    items: VecDeque<(String, Item)>,
    unread: Unread,
}

/// The part of a partition that is not read yet. It begins after a key that DynamoDB returns, which need not be the key
/// of a returned item.
enum Unread {
    All,
    After(Item),
    Nothing,
}

impl Partition {
    pub(super) fn new(key: String) -> Self {
        Self { key, items: VecDeque::new(), unread: Unread::All }
    }

    /// Whether it has no further item.
    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty() && self.is_read()
    }

    /// Whether only a query can find its next item.
    pub(super) fn needs_query(&self) -> bool {
        self.items.is_empty() && !self.is_read()
    }

    fn is_read(&self) -> bool {
        matches!(self.unread, Unread::Nothing)
    }

    pub(super) fn next_key(&self) -> Option<Key> {
        let (sort, _) = self.items.front()?;
        Some(Key { partition: self.key.clone(), sort: sort.clone() })
    }

    pub(super) fn pop(&mut self) -> Option<Item> {
        self.items.pop_front().map(|(_, item)| item)
    }

    /// Queries until there is an item or the partition ends. A page of DynamoDB can be empty.
    pub(super) async fn fill(&mut self, table: &Table, from: &str, last: &str) -> Result<(), StoreError> {
        while self.needs_query() {
            let start_key = match &self.unread {
                Unread::After(key) => Some(key.clone()),
                _ => None,
            };
            let timeouts = TimeoutConfig::builder()
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .operation_timeout(OPERATION_TIMEOUT);
            let output = table
                .client
                .query()
                .table_name(&table.name)
                .key_condition_expression("#pk = :pk AND #sk BETWEEN :from AND :last")
                .expression_attribute_names("#pk", PARTITION_KEY)
                .expression_attribute_names("#sk", SORT_KEY)
                .expression_attribute_values(":pk", AttributeValue::S(self.key.clone()))
                .expression_attribute_values(":from", AttributeValue::S(from.to_owned()))
                .expression_attribute_values(":last", AttributeValue::S(last.to_owned()))
                .set_exclusive_start_key(start_key)
                .consistent_read(true)
                .limit(LIMIT)
                .customize()
                .config_override(Config::builder().timeout_config(timeouts.build()))
                .send()
                .await?;
            self.unread = output.last_evaluated_key.map_or(Unread::Nothing, Unread::After);
            let items = output.items.unwrap_or_default();
            self.items = items.into_iter().filter_map(|item| Some((sort_key(&item)?, item))).collect();
        }
        Ok(())
    }
}

fn sort_key(item: &Item) -> Option<String> {
    item.get(SORT_KEY)?.as_s().ok().cloned()
}
