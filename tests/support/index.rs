//! The system's index table, past every function.

use std::{collections::BTreeMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;

use crate::{Item, System, eventually, partition_key, table::key};

/// Longer than the timeout of the function that indexes: an event may wait for an invocation that must end first.
const INDEXED_WITHIN: Duration = Duration::from_secs(90);

/// The item of the measured lag, which says nothing about events.
const LAG: &str = "LAG";

impl System {
    /// The items of the index table by their keys, without the measured lag.
    pub async fn index_items(&self) -> BTreeMap<(String, String), Item> {
        let scan = self.dynamodb.scan().table_name(&self.stack.index_table).consistent_read(true);
        let items = scan.into_paginator().items().send().collect::<Result<Vec<_>, _>>().await.unwrap();
        let text = |value: &AttributeValue| value.as_s().unwrap().clone();
        let items = items.into_iter().map(|item| ((text(&item["pk"]), text(&item["sk"])), item));
        items.filter(|((partition_key, _), _)| partition_key != LAG).collect()
    }

    /// The item of the index table under these keys, if there is one.
    pub async fn index_item(&self, partition_key: &str, sort_key: &str) -> Option<Item> {
        let request = self.dynamodb.get_item().table_name(&self.stack.index_table).consistent_read(true);
        request.set_key(Some(key(partition_key, sort_key))).send().await.unwrap().item
    }

    /// Waits until events can be found by their names.
    pub async fn await_indexed(&self, events: &[String]) {
        for id in events {
            let event = self.item(&partition_key(id), id).await.unwrap_or_else(|| panic!("no event {id}"));
            let partition = format!("NAME#{}", event["name"].as_s().unwrap());
            eventually(INDEXED_WITHIN, async || {
                self.index_item(&partition, id).await.ok_or_else(|| format!("{id} is not under {partition}"))
            })
            .await;
        }
    }

    /// Drops the index table and creates it again, empty.
    pub async fn renew_index_table(&self) {
        let table = &self.stack.index_table;
        self.dynamodb.delete_table().table_name(table).send().await.unwrap();
        local::create_index_table(&self.stack.dynamodb_url, table).await.unwrap();
    }
}
