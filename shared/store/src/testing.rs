//! The embedded DynamoDB, for the tests of the crates that use this one.

#![expect(clippy::unwrap_used, reason = "compiled for tests only")]

use aws_sdk_dynamodb::Client;
use xzepr_domain::ReceiverId;

use crate::{
    keys::Key,
    table::{Table, key_item},
    test_table,
};

/// An empty table in memory. Its API runs on the runtime of the test and ends with it.
///
/// # Panics
///
/// If the API cannot listen.
pub async fn table() -> Table {
    test_table::table().await
}

/// A table that no request reaches.
///
/// # Panics
///
/// If the API cannot listen.
pub async fn unreachable_table() -> Table {
    let Table { client, name } = test_table::table().await;
    let config = client.config().to_builder().endpoint_url("http://127.0.0.1:1").build();
    Table { client: Client::from_conf(config), name }
}

/// Removes a receiver, which no function does.
///
/// # Panics
///
/// If the table refuses it.
pub async fn remove_receiver(table: &Table, id: ReceiverId) {
    let key = Some(key_item(&Key::receiver(id)));
    table.client.delete_item().table_name(&table.name).set_key(key).send().await.unwrap();
}
