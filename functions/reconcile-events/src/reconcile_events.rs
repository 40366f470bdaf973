//! Reads the table's ids of a time range, the dead letters, and the topic from before the range's start to its
//! present end.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Instant,
};

use chrono::{TimeDelta, Utc};
use lambda_runtime::{Error, LambdaEvent};
use xzepr_domain::{EventId, TimeRange};
use xzepr_kafka::{TopicRecord, read_topic};
use xzepr_messages::REPLAY_HEADER;
use xzepr_settings::KafkaSettings;
use xzepr_store::{DeadLetters, StoreError, Table};

use crate::{
    report::{Accepted, Deliveries, Report},
    request::Request,
};

/// A message is on the topic after its id was made; the clocks of both ends may differ by this much.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(1);

/// How many items are taken from the table at once.
const PAGE: usize = 1000;

pub(crate) struct ReconcileEvents {
    table: Table,
    dead_letters: DeadLetters,
    kafka: KafkaSettings,
}

impl ReconcileEvents {
    pub(crate) fn new(table: Table, dead_letters: DeadLetters, kafka: KafkaSettings) -> Self {
        Self { table, dead_letters, kafka }
    }

    pub(crate) async fn reconcile(&self, event: LambdaEvent<Request>) -> Result<Report, Error> {
        let started = Instant::now();
        let range = event.payload.range(Utc::now())?;
        // The topic last: by the time that it is read it has to have all that the table has, but for the
        // dead letters.
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
        if event.payload.is_scheduled() {
            // An operator's range can be one of an outage that is known.
            xzepr_telemetry::emit(&report.metrics());
        }
        Ok(report)
    }

    async fn accepted(&self, range: TimeRange) -> Result<Accepted, StoreError> {
        let (mut ids, mut foreign) = (BTreeSet::new(), Vec::new());
        let mut reader = self.table.events(range, None);
        loop {
            let page = reader.next(PAGE).await?;
            for item in page.items {
                if item.event.is_err() {
                    foreign.push(item.key.to_string());
                }
                ids.extend(item.id());
            }
            if page.position.is_none() {
                break;
            }
        }
        let dead_letters = self.dead_letters.all().await?;
        let dead_letters = dead_letters.iter().filter_map(|letter| letter.key().event_id()).collect();
        Ok(Accepted { ids, foreign, dead_letters })
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
