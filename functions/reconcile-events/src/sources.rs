//! The parts of the tables and of the topics that a comparison reads.

use xzepr_domain::TimeRange;
use xzepr_kafka::{TopicRecord, UnreadableTopic, read_topic};
use xzepr_settings::KafkaSettings;
use xzepr_store::{DeadLetters, PageItem, StoreError, Table};

use crate::letters::Letters;

/// The most items that are in memory at once.
const PAGE: usize = 1000;

/// Reads the items of a time range.
pub(crate) trait ReadItems {
    /// Passes every item of the range to `see`, also those that are no event, page by page and in the order of their sort
    /// keys.
    async fn pages(
        &self,
        range: TimeRange,
        see: impl AsyncFnMut(Vec<PageItem>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError>;
}

/// Reads the dead letters.
pub(crate) trait ReadDeadLetters {
    /// All dead letters of events, of any time.
    async fn letters(&self) -> Result<Letters, StoreError>;
}

/// Reads topics.
pub(crate) trait ReadTopic {
    /// Passes every record to `see` that was appended to the topic at or after `from_ms` (since 1970) and before this
    /// call.
    async fn records(
        &self,
        topic: &str,
        from_ms: i64,
        see: impl FnMut(TopicRecord<'_>) + Send,
    ) -> Result<(), UnreadableTopic>;
}

impl ReadItems for Table {
    async fn pages(
        &self,
        range: TimeRange,
        mut see: impl AsyncFnMut(Vec<PageItem>) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut reader = self.events(range, None);
        loop {
            let page = reader.next(PAGE).await?;
            see(page.items).await?;
            if page.position.is_none() {
                return Ok(());
            }
        }
    }
}

impl ReadDeadLetters for DeadLetters {
    async fn letters(&self) -> Result<Letters, StoreError> {
        Ok(self.all().await?.iter().map(xzepr_store::DeadLetter::item).collect())
    }
}

impl ReadTopic for KafkaSettings {
    async fn records(
        &self,
        topic: &str,
        from_ms: i64,
        see: impl FnMut(TopicRecord<'_>) + Send,
    ) -> Result<(), UnreadableTopic> {
        read_topic(self, topic, from_ms, see).await
    }
}
