//! The connection to the table.

use std::{collections::HashMap, env, time::Duration};

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_sdk_dynamodb::{
    Client, Config,
    config::{self, BehaviorVersion, Region, retry::RetryConfig, timeout::TimeoutConfig},
    types::AttributeValue,
};
use xzepr_settings::TableSettings;

use crate::{
    client::LazyClient,
    error::StoreError,
    keys::{Key, PARTITION_KEY, SORT_KEY},
    trusted_roots::{InvalidBundle, Roots, http_client},
};

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The SDK sets no time limits for attempts and operations. An operation has time for three attempts and their backoff.
/// The 10 s of a function have time for three operations.
const CONNECT_TIMEOUT: Duration = Duration::from_millis(700);
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(900);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(3);
const MAX_ATTEMPTS: u32 = 3;
/// A read of some megabytes may take longer than the requests of a POST. It still ends within the time of a response.
const LARGE_ATTEMPT_TIMEOUT: Duration = Duration::from_secs(2);
const LARGE_OPERATION_TIMEOUT: Duration = Duration::from_secs(5);

const WARM_UP_TIMEOUT: Duration = Duration::from_secs(2);
const CHECK_TIMEOUT: Duration = Duration::from_secs(2);

/// The table. It is used through one client that keeps its connections open.
#[derive(Debug, Clone)]
pub struct Table {
    pub(crate) client: LazyClient,
    pub(crate) name: String,
}

impl Table {
    /// Prepares a client from Lambda's own variables (`AWS_REGION`, the role's credentials) and from
    /// `AWS_ENDPOINT_URL_DYNAMODB`, if it is set. Sends nothing. A wrong `AWS_CA_BUNDLE` is an error.
    pub fn connect(settings: TableSettings) -> Result<Self, InvalidBundle> {
        let table = Self::connect_later(settings)?;
        table.prepare();
        Ok(table)
    }

    /// The same, but the client is prepared when it is first used. For a function whose usual invocation does not use the
    /// table.
    pub fn connect_later(settings: TableSettings) -> Result<Self, InvalidBundle> {
        let roots = Roots::choose(|name| env::var(name).ok())?;
        Ok(Self { client: LazyClient::new(roots), name: settings.name })
    }

    /// Prepares the client now, unless it is prepared already. Sends nothing.
    pub fn prepare(&self) {
        let _: &Client = &self.client;
    }

    /// Uses a client that is prepared already.
    pub fn with_client(client: Client, settings: TableSettings) -> Self {
        Self { client: client.into(), name: settings.name }
    }

    /// Opens the connection during a function's init, so that the first request needs no handshake. In init, the CPU is
    /// not limited by the function's memory. A failure is only logged, since the first request reports it too.
    pub async fn warm_up(&self) {
        if let Ok(Err(error)) = tokio::time::timeout(WARM_UP_TIMEOUT, self.get(Key::warm_up())).await {
            tracing::warn!("could not open a connection to the table before the first request: {error}");
        }
    }

    /// Reads the key of the warm-up, which no item has. Fails after 2 s, so that a health check gets its response before
    /// its sender gives up.
    pub async fn check(&self) -> Result<(), StoreError> {
        match tokio::time::timeout(CHECK_TIMEOUT, self.get(Key::warm_up())).await {
            Ok(read) => read.map(|_| ()),
            Err(_) => Err(StoreError::Unavailable(format!("no response within {CHECK_TIMEOUT:?}"))),
        }
    }

    /// Reads one item. The read sees every write that ended before it began.
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

/// Prepares a client. The SDK's default chain would add half a megabyte to every function, for profiles, STS and
/// instance metadata. Lambda uses none of these.
pub(crate) fn client(roots: &Roots) -> Client {
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
    config.set_http_client(http_client(roots));
    Client::from_conf(config.build())
}

/// The time limits of a read of some megabytes, in place of the usual ones. The limit for a connection is the usual one,
/// so that the SDK uses the open connections.
pub(crate) fn large_read() -> config::Builder {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(LARGE_ATTEMPT_TIMEOUT)
        .operation_timeout(LARGE_OPERATION_TIMEOUT);
    Config::builder().timeout_config(timeouts.build())
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
    serde_dynamo::from_item(item).map_err(|error| StoreError::InvalidItem(without_values(&error.to_string())))
}

/// The text of an item's error, without the values that serde quotes from the item, since the text goes into the log.
fn without_values(error: &str) -> String {
    match error.rsplit_once(", expected ") {
        Some((_value, expected)) => format!("an attribute of an item is wrong: expected {expected}"),
        // The only quoted text is the name of an attribute.
        None if error.starts_with("missing field ") || !error.contains(['"', '`', '\'']) => error.to_owned(),
        None => "an attribute of an item is wrong".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum State {
        Waiting,
    }

    #[derive(Debug, serde::Deserialize)]
    #[expect(dead_code, reason = "the test reads only errors")]
    struct Parsed {
        state: State,
        count: u8,
    }

    #[test]
    fn the_error_of_an_item_that_cannot_be_read_contains_none_of_its_values() {
        let secret = || AttributeValue::S("of the payload".to_owned());
        let item = |state, count| [("state".to_owned(), state), ("count".to_owned(), count)].into();
        let waiting = AttributeValue::S("waiting".to_owned());
        let number = AttributeValue::N("1".to_owned());
        let items: [Item; 4] = [
            item(secret(), number.clone()),
            item(waiting.clone(), secret()),
            item(waiting.clone(), AttributeValue::N("70000".to_owned())),
            [("state".to_owned(), waiting)].into(),
        ];
        let errors = items.map(|item| from_item::<Parsed>(item).unwrap_err().to_string());
        assert!(errors[3].contains("missing field `count`"), "{errors:?}");
        assert!(
            errors.iter().all(|error| !error.contains("payload") && !error.contains("70000")),
            "{errors:?}"
        );
    }
}
