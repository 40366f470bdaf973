//! One batch: records to publications, publications to Kafka, and where the mapping has to go on.

use std::time::Instant;

use lambda_runtime::{Error, LambdaEvent};
use serde_json::value::RawValue;
use tokio::sync::Mutex;
use xzepr_publishing::{Outcome, Publication, Publisher, time_left};
use xzepr_store::{RecordKind, StreamRecord};
use xzepr_telemetry::Metric;

use crate::batch::{Batch, BatchResponse};

pub(crate) struct PublishEvents {
    publisher: Mutex<Publisher>,
}

impl PublishEvents {
    pub(crate) fn new(publisher: Publisher) -> Self {
        Self { publisher: Mutex::new(publisher) }
    }

    pub(crate) async fn publish(&self, event: LambdaEvent<Batch>) -> Result<BatchResponse, Error> {
        let started = Instant::now();
        let records = event.payload.records;
        let (sequence_numbers, publications): (Vec<_>, Vec<_>) =
            records.iter().filter_map(|record| publication(record)).unzip();
        let within = time_left(event.context.deadline());
        let outcomes = self.publisher.lock().await.publish(&publications, within).await;

        let (mut published, mut dead_lettered, mut failures) = (0, 0, Vec::new());
        for ((sequence_number, publication), outcome) in
            sequence_numbers.into_iter().zip(&publications).zip(outcomes)
        {
            match outcome {
                Outcome::Published => published += 1,
                Outcome::DeadLettered(_) => dead_lettered += 1,
                Outcome::Failed(failure) => failures.push((sequence_number, publication.key(), failure)),
            }
        }
        tracing::info!(
            records = records.len(),
            published,
            dead_lettered,
            failed = failures.len(),
            duration_ms = started.elapsed().as_millis(),
            "batch ended"
        );
        xzepr_telemetry::emit(&[
            Metric::count("Published", published),
            Metric::count("DeadLettered", dead_lettered),
            Metric::count("Failed", failures.len()),
        ]);
        let Some((sequence_number, key, failure)) = failures.into_iter().next() else {
            return Ok(BatchResponse::all_published());
        };
        tracing::error!(keys = key.to_string(), "could not publish: {failure}");
        match sequence_number {
            Some(sequence_number) => Ok(BatchResponse::retry_from(sequence_number)),
            None => Err("the first failed record has no sequence number: retry the batch".into()),
        }
    }
}

/// The publication of a record; `None` for one that is of no concern.
fn publication(record: &RawValue) -> Option<(Option<String>, Publication)> {
    let StreamRecord { sequence_number, key, kind } = StreamRecord::parse(record);
    let item = match kind {
        RecordKind::Event(event) => Ok(*event),
        RecordKind::Other => return None,
        RecordKind::Unknown(shape) => Err(shape),
    };
    let Some(key) = key else {
        // DynamoDB makes no such record, so there is no item that could be lost.
        tracing::error!("skipped a record without an item's key");
        return None;
    };
    Some((sequence_number, Publication::new(key, item)))
}
