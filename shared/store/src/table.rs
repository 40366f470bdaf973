//! The connection to the table.

use std::{collections::HashMap, time::Duration};

use aws_config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use xzepr_settings::TableSettings;

use crate::{
    error::StoreError,
    keys::{Key, PARTITION_KEY, SORT_KEY},
};

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The SDK sets no time limit on attempts or operations by itself. Three attempts and their backoff
/// fit in an operation, two operations in a function's 10 s.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(700);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(1);
const OPERATION_TIMEOUT: Duration = Duration::from_millis(3_500);
const MAX_ATTEMPTS: u32 = 3;
const WARM_UP_TIMEOUT: Duration = Duration::from_secs(2);

/// The table, through one client that keeps its connections.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
}

impl Table {
    /// Prepares a client from the environment (region, credentials, `AWS_ENDPOINT_URL_DYNAMODB`).
    /// Nothing is sent.
    pub async fn connect(settings: TableSettings) -> Self {
        let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .retry_config(RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS))
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(CONNECT_TIMEOUT)
                    .operation_attempt_timeout(ATTEMPT_TIMEOUT)
                    .operation_timeout(OPERATION_TIMEOUT)
                    .build(),
            )
            .load()
            .await;
        Self { client: Client::new(&config), name: settings.name }
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
            .key(PARTITION_KEY, AttributeValue::S(key.partition))
            .key(SORT_KEY, AttributeValue::S(key.sort))
            .consistent_read(true)
            .send()
            .await?;
        Ok(output.item)
    }
}

/// A struct as an item.
pub(crate) fn to_item(item: impl serde::Serialize) -> Result<Item, StoreError> {
    serde_dynamo::to_item(item).map_err(|error| StoreError::Failed(error.to_string()))
}

/// An item as a struct.
pub(crate) fn from_item<T: serde::de::DeserializeOwned>(item: Item) -> Result<T, StoreError> {
    serde_dynamo::from_item(item).map_err(|error| StoreError::Failed(error.to_string()))
}
