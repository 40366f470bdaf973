//! The parts of the tables and of the topic that a comparison reads.

use std::collections::BTreeSet;

use xzepr_domain::{EventId, TimeRange};
use xzepr_kafka::{TopicRecord, UnreadableTopic, read_topic};
use xzepr_settings::KafkaSettings;
use xzepr_store::{DeadLetters, PageItem, StoreError, Table};

/// The most items that are in memory at once.
const PAGE: usize = 1000;

/// Reads the items of a time range.
pub(crate) trait ReadItems {
    /// Passes every item of the range to `see`, also those that are no event.
    async fn read(&self, range: TimeRange, see: impl FnMut(PageItem)) -> Result<(), StoreError>;
}

/// Reads the dead letters.
pub(crate) trait ReadDeadLetters {
    /// The ids of all events that are dead letters, of any time.
    async fn event_ids(&self) -> Result<BTreeSet<EventId>, StoreError>;
}

/// Reads the topic.
pub(crate) trait ReadTopic {
    /// The topic's name.
    fn name(&self) -> &str;

    /// Passes every record to `see` that was appended at or after `from_ms` (since 1970) and before this call.
    async fn read(
        &self,
        from_ms: i64,
        see: impl FnMut(TopicRecord<'_>) + Send,
    ) -> Result<(), UnreadableTopic>;
}

impl ReadItems for Table {
    async fn read(&self, range: TimeRange, mut see: impl FnMut(PageItem)) -> Result<(), StoreError> {
        let mut reader = self.events(range, None);
        loop {
            let page = reader.next(PAGE).await?;
            page.items.into_iter().for_each(&mut see);
            if page.position.is_none() {
                return Ok(());
            }
        }
    }
}

impl ReadDeadLetters for DeadLetters {
    async fn event_ids(&self) -> Result<BTreeSet<EventId>, StoreError> {
        Ok(self.all().await?.iter().filter_map(|letter| letter.key().event_id()).collect())
    }
}

impl ReadTopic for KafkaSettings {
    fn name(&self) -> &str {
        &self.default_topic
    }

    async fn read(
        &self,
        from_ms: i64,
        see: impl FnMut(TopicRecord<'_>) + Send,
    ) -> Result<(), UnreadableTopic> {
        read_topic(self, &self.default_topic, from_ms, see).await
    }
}
