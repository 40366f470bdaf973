//! The connection to the table.

use std::{collections::HashMap, env, time::Duration};

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig},
    types::AttributeValue,
};
use xzepr_settings::TableSettings;

use crate::{
    error::StoreError,
    keys::{Key, PARTITION_KEY, SORT_KEY},
};

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The SDK sets no time limit on attempts or operations by itself. Three attempts and their backoff
/// fit in an operation, three operations in a function's 10 s.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(700);
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(900);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(3);
const MAX_ATTEMPTS: u32 = 3;
const WARM_UP_TIMEOUT: Duration = Duration::from_secs(2);

/// The table, through one client that keeps its connections.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl Table {
    /// Prepares a client from what Lambda sets (`AWS_REGION`, the role's credentials) and, where it is
    /// set, `AWS_ENDPOINT_URL_DYNAMODB`. Nothing is sent.
    pub fn connect(settings: TableSettings) -> Self {
        Self { client: client(), name: settings.name }
    }

    /// Opens the connection during a function's init, where CPU is not scaled down to its memory, so
    /// that the first request pays for no handshake. A failure is left for that request to report.
    pub async fn warm_up(&self) {
        if let Ok(Err(error)) = tokio::time::timeout(WARM_UP_TIMEOUT, self.get(Key::warm_up())).await {
            tracing::warn!("could not warm up: {error}");
        }
    }

    /// Reads one item, seeing every write that was answered before.
    pub(crate) async fn get(&self, key: Key) -> Result<Option<Item>, StoreError> {
        let output = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key_item(&key)))
            .consistent_read(true)
            .send()
            .await?;
        Ok(output.item)
    }
}

/// A client. The SDK's default chain would bring profiles, STS and instance metadata into every function:
/// half a megabyte, and nothing that Lambda has.
pub(crate) fn client() -> Client {
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(env::var("AWS_REGION").ok().map(Region::new))
        .credentials_provider(EnvironmentVariableCredentialsProvider::new())
        .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT_TIMEOUT)
                .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                .operation_timeout(OPERATION_TIMEOUT)
                .build(),
        );
    config.set_endpoint_url(env::var("AWS_ENDPOINT_URL_DYNAMODB").ok());
    Client::from_conf(config.build())
}

/// A primary key as the SDK has it.
pub(crate) fn key_item(key: &Key) -> Item {
    Item::from([
        (PARTITION_KEY.to_owned(), AttributeValue::S(key.partition.clone())),
        (SORT_KEY.to_owned(), AttributeValue::S(key.sort.clone())),
    ])
}

/// A struct as an item.
pub(crate) fn to_item(item: impl serde::Serialize) -> Result<Item, StoreError> {
    serde_dynamo::to_item(item).map_err(|error| StoreError::Failed(error.to_string()))
}

/// A value of an item's attribute.
pub(crate) fn to_value(value: impl serde::Serialize) -> Result<AttributeValue, StoreError> {
    serde_dynamo::to_attribute_value(value).map_err(|error| StoreError::Failed(error.to_string()))
}

/// An item as a struct.
pub(crate) fn from_item<T: serde::de::DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(|error| StoreError::Failed(error.to_string()))
}
