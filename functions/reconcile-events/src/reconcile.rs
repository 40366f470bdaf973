//! Reads the table's ids of a time range, and the topic from before the range's start to its present end.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use chrono::{TimeDelta, Utc};
use lambda_runtime::{Error, LambdaEvent};
use serde::Deserialize;
use xzepr_cloudevents::REPLAY_HEADER;
use xzepr_domain::{EventId, TimeRange};
use xzepr_kafka::{TopicRecord, read_topic};
use xzepr_settings::KafkaSettings;
use xzepr_store::{StoreError, Table};

use crate::report::{Deliveries, Report};

/// A message is on the topic after its id was made; the clocks of both ends may differ by this much.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(1);

pub(crate) struct ReconcileEvents {
    table: Table,
    kafka: KafkaSettings,
}

/// The time range, RFC 3339.
#[derive(Deserialize)]
pub(crate) struct Request {
    start: String,
    end: String,
}

impl ReconcileEvents {
    pub(crate) fn new(table: Table, kafka: KafkaSettings) -> Self {
        Self { table, kafka }
    }

    pub(crate) async fn reconcile(&self, event: LambdaEvent<Request>) -> Result<Report, Error> {
        let started = Instant::now();
        let Request { start, end } = event.payload;
        let range = TimeRange::parse(&start, &end)
            .and_then(|range| range.readable_at(Utc::now()))
            .map_err(|error| format!("{} {error}", error.bound()))?;
        // The table first: what it has is what has to be on the topic by the time that is read.
        let accepted = self.accepted(range).await?;
        let delivered = self.delivered(range).await?;
        let report = Report::new(range.to_texts(), self.kafka.default_topic.clone(), &accepted, &delivered);
        tracing::info!(
            start = report.start,
            end = report.end,
            missing = report.missing(),
            duration_ms = started.elapsed().as_millis(),
            "reconciled"
        );
        Ok(report)
    }

    async fn accepted(&self, range: TimeRange) -> Result<BTreeSet<EventId>, StoreError> {
        let (mut accepted, mut after) = (BTreeSet::new(), None);
        loop {
            let page = self.table.events(range, after).await?;
            accepted.extend(page.events.into_iter().map(|(id, _)| id));
            after = page.position;
            if after.is_none() {
                return Ok(accepted);
            }
        }
    }

    async fn delivered(&self, range: TimeRange) -> Result<BTreeMap<EventId, Deliveries>, Error> {
        let mut delivered: BTreeMap<EventId, Deliveries> = BTreeMap::new();
        let (first, last) = (range.first_id(), range.last_id());
        let from_ms = (range.start() - CLOCK_SKEW).timestamp_millis().max(0);
        read_topic(&self.kafka, from_ms, |record: TopicRecord<'_>| {
            let id = std::str::from_utf8(record.key).ok().and_then(|key| key.parse().ok());
            let Some(id) = id.filter(|id| (first..=last).contains(id)) else { return };
            let deliveries = delivered.entry(id).or_default();
            if record.header_names.iter().any(|name| name == REPLAY_HEADER) {
                deliveries.replayed += 1;
            } else {
                deliveries.unmarked += 1;
            }
        })
        .await?;
        Ok(delivered)
    }
}
