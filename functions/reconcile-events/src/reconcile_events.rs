//! Compares a time range of the table with the topic.

use std::{collections::BTreeMap, time::Instant};

use chrono::{TimeDelta, Utc};
use lambda_runtime::{Error, LambdaEvent};
use xzepr_domain::{EventId, TimeRange};
use xzepr_kafka::{TopicRecord, UnreadableTopic};
use xzepr_messages::{Messages, REPLAY_HEADER};
use xzepr_store::StoreError;
use xzepr_telemetry::Metric;

use crate::{
    report::{Accepted, Deliveries, Report},
    request::Request,
    sources::{ReadDeadLetters, ReadItems, ReadTopic},
};

/// A message is appended to the topic after its id was made. The clocks of the function and of the broker may differ by
/// this much.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(1);

pub(crate) struct ReconcileEvents<T, D, K> {
    messages: Messages,
    table: T,
    dead_letters: D,
    topic: K,
}

impl<T: ReadItems, D: ReadDeadLetters, K: ReadTopic> ReconcileEvents<T, D, K> {
    pub(crate) fn new(messages: Messages, table: T, dead_letters: D, topic: K) -> Self {
        Self { messages, table, dead_letters, topic }
    }

    pub(crate) async fn reconcile(&self, event: LambdaEvent<Request>) -> Result<Report, Error> {
        let started = Instant::now();
        let request = event.payload;
        let range = request.range(Utc::now())?;
        // The topic is read last. By then it must have every event that was read from the table, except for the dead
        // letters.
        let accepted = self.accepted(range).await?;
        let delivered = self.delivered(range).await?;
        let report = Report::new(range, self.topic.name(), &accepted, &delivered);
        tracing::info!(
            start = report.start,
            end = report.end,
            missing = report.missing(),
            duration_ms = started.elapsed().as_millis(),
            "reconciled"
        );
        if let Some(metrics) = metrics(&request, &report) {
            xzepr_telemetry::emit(&metrics);
        }
        Ok(report)
    }

    async fn accepted(&self, range: TimeRange) -> Result<Accepted, StoreError> {
        let mut accepted = Accepted::default();
        self.table
            .read(range, |item| {
                accepted.ids.extend(item.id());
                match &item.event {
                    Ok(event) if self.messages.routes()[0].has_message(event) => {}
                    Ok(event) => drop(accepted.skipped.insert(event.id)),
                    Err(_) => accepted.foreign.push(item.key.to_string()),
                }
            })
            .await?;
        accepted.dead_letters = self.dead_letters.event_ids().await?;
        Ok(accepted)
    }

    /// Counts the messages of each id of the range.
    async fn delivered(&self, range: TimeRange) -> Result<BTreeMap<EventId, Deliveries>, UnreadableTopic> {
        let mut delivered: BTreeMap<EventId, Deliveries> = BTreeMap::new();
        let ids = range.first_id()..=range.last_id();
        let from_ms = (range.start() - CLOCK_SKEW).timestamp_millis().max(0);
        self.topic
            .read(from_ms, |record| {
                let Some(id) = event_id(&record).filter(|id| ids.contains(id)) else { return };
                let deliveries = delivered.entry(id).or_default();
                if record.headers.iter().any(|(name, _)| *name == REPLAY_HEADER) {
                    deliveries.replayed += 1;
                } else {
                    deliveries.unmarked += 1;
                }
            })
            .await?;
        Ok(delivered)
    }
}

/// The id in a record's key; `None` for a key that no event has.
fn event_id(record: &TopicRecord<'_>) -> Option<EventId> {
    std::str::from_utf8(record.key).ok()?.parse().ok()
}

/// The metrics of a scheduled request. A request of an operator has none, since its range can be a known outage.
fn metrics(request: &Request, report: &Report) -> Option<[Metric; 4]> {
    request.is_scheduled().then(|| report.metrics())
}

#[cfg(test)]
mod tests;
