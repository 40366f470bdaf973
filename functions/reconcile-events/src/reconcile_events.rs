//! Compares a time range of the table with the topics.

use std::{sync::Arc, time::Instant};

use chrono::{TimeDelta, Utc};
use lambda_runtime::{Error, LambdaEvent};
use xzepr_domain::{EventId, TimeRange};
use xzepr_kafka::{TopicRecord, UnreadableTopic};
use xzepr_messages::{Messages, REPLAY_HEADER};
use xzepr_publishing::{ReadReceivers, Receivers};
use xzepr_store::{PageItem, StoreError};
use xzepr_telemetry::metrics::{Metric, emit};

use crate::{
    expected::Expected,
    lists::Unknown,
    records::Records,
    report::Report,
    request::Request,
    sources::{ReadDeadLetters, ReadItems, ReadTopic},
    totals::Totals,
};

/// A message is appended to the topic after its id was made. The clocks of the function and of the broker may differ by
/// this much.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(1);

pub(crate) struct ReconcileEvents<T, D, K> {
    messages: Messages,
    table: T,
    dead_letters: D,
    kafka: K,
}

impl<T: ReadItems + ReadReceivers, D: ReadDeadLetters, K: ReadTopic> ReconcileEvents<T, D, K> {
    pub(crate) fn new(messages: Messages, table: T, dead_letters: D, kafka: K) -> Self {
        Self { messages, table, dead_letters, kafka }
    }

    pub(crate) async fn reconcile(&self, event: LambdaEvent<Request>) -> Result<Report, Error> {
        let started = Instant::now();
        let request = event.payload;
        let range = request.range(Utc::now())?;
        let report = self.compare(range).await?;
        tracing::info!(
            start = report.start,
            end = report.end,
            missing = report.missing.count,
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "reconciled"
        );
        if let Some(metrics) = metrics(&request, &report) {
            emit(metrics);
        }
        Ok(report)
    }

    /// The topics are read last. By then they must have every event that was read from the table, except for the dead
    /// letters.
    async fn compare(&self, range: TimeRange) -> Result<Report, Error> {
        let mut expected = self.expected(range).await?;
        let letters = self.dead_letters.letters().await?;
        let mut totals = Totals::default();
        // A topic's records are dropped before the next topic is read.
        while let Some((topic, mut records)) = expected.topics.pop_first() {
            let (unknown, replayed) =
                self.count(range, &topic, &mut records, &mut expected.without_topic).await?;
            totals.add_topic(&topic, &records, &letters, &unknown, replayed);
        }
        totals.add_without_topic(&expected.without_topic, &letters);
        Ok(totals.report(range, expected))
    }

    async fn expected(&self, range: TimeRange) -> Result<Expected, StoreError> {
        let messages = &self.messages;
        let receiver_of = |item: &PageItem| messages.receiver_of(item.event.as_ref().ok()?);
        let mut receivers = Receivers::new(&self.table);
        let mut expected = Expected::new(messages);
        let see = async |page: Vec<PageItem>| {
            receivers.read(page.iter().filter_map(receiver_of)).await?;
            for item in &page {
                let receiver = receiver_of(item).and_then(|id| receivers.get(id));
                expected.add(messages, item, receiver);
            }
            Ok(())
        };
        self.table.pages(range, see).await?;
        Ok(expected)
    }

    /// Counts the records of a topic. Returns the ids of the range that it should have no record of, and the number of
    /// records by replays.
    async fn count(
        &self,
        range: TimeRange,
        topic: &Arc<str>,
        records: &mut Records,
        without_topic: &mut Records,
    ) -> Result<(Unknown, usize), UnreadableTopic> {
        let ids_of_range = range.first_id()..=range.last_id();
        let from_ms = (range.start() - CLOCK_SKEW).timestamp_millis().max(0);
        let places = records.places();
        let (mut unknown, mut replayed) = (Unknown::default(), 0);
        let is_of_range = |id: &EventId| ids_of_range.contains(id);
        let see = |record: TopicRecord<'_>| {
            let ids = places.ids(record.key, record.headers.iter().copied(), record.value);
            let is_replayed = record.headers.iter().any(|(name, _)| *name == REPLAY_HEADER);
            // An event that has no topic now may have had one before.
            let is_known = records.count(ids, is_replayed) || without_topic.count(ids, is_replayed);
            if !is_known {
                let Some(id) = ids.content.or(ids.key).filter(is_of_range) else { return };
                unknown.add(id);
            }
            replayed += usize::from(is_replayed);
        };
        self.kafka.records(topic, from_ms, see).await?;
        Ok((unknown, replayed))
    }
}

/// The metrics of a scheduled request. A request of an operator has none, since its range can be a known outage.
fn metrics(request: &Request, report: &Report) -> Option<[Metric; 4]> {
    request.is_scheduled().then(|| report.metrics())
}

#[cfg(test)]
mod tests;
