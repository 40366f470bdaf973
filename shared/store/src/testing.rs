//! The embedded DynamoDB, for the tests of the crates that use this one.

#![expect(clippy::unwrap_used, reason = "compiled for tests only")]

mod requests;

use aws_sdk_dynamodb::Client;
pub use requests::Requests;
use xzepr_domain::ReceiverId;
use xzepr_settings::IndexSettings;

use crate::{
    index::Index,
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

/// Empty tables in memory, and a counter of the requests to them.
///
/// # Panics
///
/// If the API cannot listen.
pub async fn counted_tables() -> (Table, Index, Requests) {
    const INDEX: &str = "xzepr-index-test";
    let Table { client, name } = test_table::table().await;
    test_table::create(&client, INDEX).await;
    let requests = Requests::default();
    let client = Client::from_conf(client.config().to_builder().interceptor(requests.clone()).build());
    let table = Table { client: client.into(), name };
    let index = table.index(IndexSettings { table_name: INDEX.to_owned() });
    (table, index, requests)
}

/// A table that no request reaches.
///
/// # Panics
///
/// If the API cannot listen.
pub async fn unreachable_table() -> Table {
    let Table { client, name } = test_table::table().await;
    let config = client.config().to_builder().endpoint_url("http://127.0.0.1:1").build();
    Table { client: Client::from_conf(config).into(), name }
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

/// An empty index in memory, apart from any table.
///
/// # Panics
///
/// If the API cannot listen.
pub async fn index() -> Index {
    let Table { client, name } = test_table::table().await;
    let settings = IndexSettings { table_name: name.clone() };
    Table { client, name }.index(settings)
}
