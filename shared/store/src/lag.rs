//! How far the index is behind the table.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use crate::{
    error::StoreError,
    index::Index,
    keys::Key,
    table::{from_item, to_item},
};

/// How far the index was behind the table when its last batch of events ended.
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
    /// Writes a measurement over the one before. Batches end in any order, so an older one may replace a newer one.
    pub async fn put_lag(&self, lag: Lag) -> Result<(), StoreError> {
        let key = Key::lag();
        let item = LagItem {
            pk: key.partition,
            sk: key.sort,
            lag_ms: lag.lag_ms,
            measured_at: lag.measured_at.to_rfc3339_opts(SecondsFormat::Millis, true),
        };
        let put = self.table.client.put_item().table_name(&self.table.name);
        put.set_item(Some(to_item(item)?)).send().await?;
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_table::table;

    #[tokio::test]
    async fn the_last_measurement_is_read() {
        let index = Index { table: table().await };
        assert_eq!(index.lag().await.unwrap(), None);
        for (lag_ms, ms) in [(7, 1_702_964_736_000), (u64::MAX, 1_702_964_736_001)] {
            let lag = Lag { lag_ms, measured_at: DateTime::from_timestamp_millis(ms).unwrap() };
            index.put_lag(lag).await.unwrap();
            assert_eq!(index.lag().await.unwrap(), Some(lag));
        }
    }
}
