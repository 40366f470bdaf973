//! How far the index is behind the table.

use aws_sdk_dynamodb::{operation::put_item::PutItemError, types::AttributeValue};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    error::StoreError,
    index::Index,
    keys::Key,
    table::{from_item, to_item},
};

/// How long a measurement stands against smaller ones. A shard whose records are retried is measured more often.
const STANDS: TimeDelta = TimeDelta::minutes(2);

/// Holds if the item has no measurement that stands, also if it has none that can be compared.
const IS_REPLACED: &str = "NOT (lag_ms > :lag_ms AND measured_at BETWEEN :stands_from AND :now)";

/// How far the index was behind the table when a batch of events ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lag {
    /// The age of the newest event of that batch, or of the first one that waits for a retry, in milliseconds.
    pub lag_ms: u64,
    /// When the batch ended.
    pub measured_at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
struct LagItem {
    pk: String,
    sk: String,
    lag_ms: u64,
    measured_at: String,
}

impl Index {
    /// Writes a measurement, unless there is one of the last two minutes with a greater lag. Each shard of the stream has a
    /// lag of its own, and the one that is behind counts.
    pub async fn put_lag(&self, lag: Lag) -> Result<(), StoreError> {
        let key = Key::lag();
        let item = LagItem {
            pk: key.partition,
            sk: key.sort,
            lag_ms: lag.lag_ms,
            measured_at: text(lag.measured_at),
        };
        let put = self.table.client.put_item().table_name(&self.table.name);
        let put = put
            .set_item(Some(to_item(item)?))
            .condition_expression(IS_REPLACED)
            .expression_attribute_values(":lag_ms", AttributeValue::N(lag.lag_ms.to_string()))
            .expression_attribute_values(":stands_from", AttributeValue::S(text(lag.measured_at - STANDS)))
            .expression_attribute_values(":now", AttributeValue::S(text(lag.measured_at)));
        match put.send().await {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(_)) => Ok(()),
                _ => Err(error.into()),
            },
        }
    }

    /// Reads the last measurement; `None` if there is none.
    pub async fn lag(&self) -> Result<Option<Lag>, StoreError> {
        let Some(item) = self.table.get(Key::lag()).await? else { return Ok(None) };
        let item: LagItem = from_item(item)?;
        let measured_at = DateTime::parse_from_rfc3339(&item.measured_at)
            .map_err(|_| StoreError::Failed("the lag of the index has no time".to_owned()))?;
        Ok(Some(Lag { lag_ms: item.lag_ms, measured_at: measured_at.with_timezone(&Utc) }))
    }
}

/// Texts of one length, so that their order is that of the times.
fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_table::table;

    fn lag(lag_ms: u64, seconds: i64) -> Lag {
        let measured_at = DateTime::from_timestamp_millis(1_702_964_736_000 + seconds * 1000).unwrap();
        Lag { lag_ms, measured_at }
    }

    #[tokio::test]
    async fn the_greatest_lag_of_the_last_two_minutes_is_read() {
        let index = Index { table: table().await };
        assert_eq!(index.lag().await.unwrap(), None);
        for (written, read) in [
            (lag(7, 0), lag(7, 0)),
            (lag(u64::MAX, 1), lag(u64::MAX, 1)),
            // Another shard is not behind.
            (lag(7, 2), lag(u64::MAX, 1)),
            (lag(7, 121), lag(u64::MAX, 1)),
            (lag(7, 122), lag(7, 122)),
            (lag(6, 300), lag(6, 300)),
        ] {
            index.put_lag(written).await.unwrap();
            assert_eq!(index.lag().await.unwrap(), Some(read), "{written:?}");
        }
    }

    #[tokio::test]
    async fn a_measurement_of_the_future_or_of_another_shape_is_replaced() {
        let index = Index { table: table().await };
        index.put_lag(lag(9, 1_000_000)).await.unwrap();
        index.put_lag(lag(7, 0)).await.unwrap();
        assert_eq!(index.lag().await.unwrap(), Some(lag(7, 0)));
        for (name, value) in [("lag_ms", "9"), ("measured_at", "today")] {
            let mut item = index.table.get(Key::lag()).await.unwrap().unwrap();
            item.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
            let client = &index.table.client;
            client.put_item().table_name(&index.table.name).set_item(Some(item)).send().await.unwrap();
            index.put_lag(lag(1, 1)).await.unwrap();
            assert_eq!(index.lag().await.unwrap(), Some(lag(1, 1)), "{name}");
        }
    }
}
