//! A table for tests, on an embedded DynamoDB API in the process of the test.
#![expect(clippy::unwrap_used, reason = "compiled for tests only")]

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
    types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType},
};
use dynoxide::{Database, server};
#[cfg(test)]
use xzepr_settings::DeadLetterSettings;

#[cfg(test)]
use crate::dead_letters::DeadLetters;
use crate::{
    keys::{PARTITION_KEY, SORT_KEY},
    table::Table,
};

const NAME: &str = "xzepr-test";

/// An empty table. The API runs on the runtime of the test and ends with it.
pub(crate) async fn table() -> Table {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(server::serve_on(listener, Database::memory().unwrap()));
    let config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("us-east-1"))
        .credentials_provider(Credentials::new("a", "b", None, None, "test"))
        .endpoint_url(url)
        .retry_config(RetryConfig::disabled())
        .build();
    let client = Client::from_conf(config);
    create(&client, NAME).await;
    Table { client: client.into(), name: NAME.to_owned() }
}

/// Creates an empty table.
pub(crate) async fn create(client: &Client, name: &str) {
    let mut create = client.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    for (name, kind) in [(PARTITION_KEY, KeyType::Hash), (SORT_KEY, KeyType::Range)] {
        let attribute =
            AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S);
        let key = KeySchemaElement::builder().attribute_name(name).key_type(kind);
        create = create.attribute_definitions(attribute.build().unwrap()).key_schema(key.build().unwrap());
    }
    create.send().await.unwrap();
}

/// An empty table of dead letters.
#[cfg(test)]
pub(crate) async fn dead_letters(max_attempts: u32) -> DeadLetters {
    let Table { client, name } = table().await;
    DeadLetters { client, settings: DeadLetterSettings { table_name: name, max_attempts } }
}
