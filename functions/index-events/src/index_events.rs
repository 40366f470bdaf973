//! Indexes one batch of the stream. The response names the first record that failed.

use std::{collections::BTreeMap, time::Duration};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use lambda_runtime::{Error, LambdaEvent};
use tokio::time::Instant;
use xzepr_batch::BatchResponse;
use xzepr_domain::Event;
use xzepr_indexing::{Failure, Outcome};
use xzepr_store::{RecordKind, StreamRecord};
use xzepr_telemetry::metrics::{
    definitions::{BATCH_SIZE, EVENTS_UNINDEXED},
    emit, record,
};

use crate::{
    lag::LagMeter,
    store::{IndexBatch, PutLag},
    time::time_left,
};

pub(crate) struct IndexEvents<I, L> {
    indexer: I,
    lag: LagMeter<L>,
}

/// A record of a new event.
struct EventRecord {
    sequence_number: Option<String>,
    written_at: Option<DateTime<Utc>>,
}

/// A record that was read.
enum Read {
    Event(EventRecord, Box<Event>),
    /// A change that is not indexed.
    Other,
    /// It should contain an event and does not.
    Unknown,
}

impl<I: IndexBatch, L: PutLag> IndexEvents<I, L> {
    pub(crate) fn new(indexer: I, index: L) -> Self {
        Self { indexer, lag: LagMeter::new(index) }
    }

    pub(crate) async fn index(&self, event: LambdaEvent<Bytes>) -> Result<BatchResponse, Error> {
        let started = Instant::now();
        let LambdaEvent { payload, context, .. } = event;
        let until = started + time_left(context.deadline());
        let parsed = StreamRecord::parse_batch(&payload)?;
        // The text, up to 6 MB, is freed before the events are indexed.
        drop(payload);
        let records = parsed.len();
        let (mut indexed, mut unindexed, mut failures) = (0, 0, Vec::new());
        let read = parsed.into_iter().filter_map(|record| {
            let read = read(record);
            unindexed += usize::from(matches!(read, Read::Unknown));
            if let Read::Event(record, event) = read { Some((record, *event)) } else { None }
        });
        let (read, events): (Vec<_>, Vec<_>) = read.unzip();
        let outcomes = self.indexer.index(&events, until).await;
        for (index, outcome) in outcomes.into_iter().enumerate() {
            match outcome {
                Outcome::Indexed => indexed += 1,
                Outcome::Unindexed(_) => unindexed += 1,
                Outcome::Failed(failure) => failures.push((index, failure)),
            }
        }
        let failed = failures.len();
        log_batch(records, indexed, unindexed, failed, started.elapsed());
        log_failures(failures.iter().map(|(index, failure)| (&events[*index], failure)));
        let first = failures.into_iter().next().map(|(index, _)| index);
        // A record that waits is older than all that are done.
        let up_to = first.map_or_else(|| read.last(), |first| read.get(first));
        self.lag.measure(up_to.and_then(|record| record.written_at)).await;
        emit([BATCH_SIZE.of(records)]);
        let Some(first) = first.and_then(|first| read.into_iter().nth(first)) else {
            return Ok(BatchResponse::success());
        };
        match first.sequence_number {
            Some(sequence_number) => Ok(BatchResponse::retry_from(sequence_number)),
            None => {
                Err("the first failed record has no sequence number, so Lambda must retry the batch".into())
            }
        }
    }
}

/// A record without a readable event would fail again in each retry. So it is logged, and does not hold up the others.
fn read(parsed: StreamRecord) -> Read {
    let StreamRecord { sequence_number, key, created_at, kind } = parsed;
    match kind {
        RecordKind::Event(event) => {
            Read::Event(EventRecord { sequence_number, written_at: created_at }, event)
        }
        RecordKind::Other => Read::Other,
        RecordKind::Unknown(shape) => {
            let key = key.map(|key| key.to_string());
            tracing::error!(key, "an event can never be indexed: {shape}");
            record(EVENTS_UNINDEXED.of(1));
            Read::Unknown
        }
    }
}

fn log_batch(records: usize, indexed: usize, unindexed: usize, failed: usize, took: Duration) {
    let duration_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    tracing::info!(records, indexed, unindexed, failed, duration_ms, "batch indexed");
}

/// Logs one line for each reason, with the ids of all events that wait for it.
fn log_failures<'a>(failures: impl Iterator<Item = (&'a Event, &'a Failure)>) {
    let mut reasons: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (event, failure) in failures {
        reasons.entry(failure.to_string()).or_default().push(event.id.to_string());
    }
    for (reason, ids) in reasons {
        tracing::error!(events = ids.len(), event_ids = ids.join(" "), "could not index: {reason}");
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_types, reason = "the records of the tests are made with it")]
mod tests {
    use std::cell::RefCell;

    use lambda_runtime::Context;
    use serde_json::json;
    use xzepr_domain::EventId;
    use xzepr_store::{Key, Lag, StoreError};

    use super::*;

    /// An indexer that fails the events with these ids.
    struct FakeIndexer(Vec<EventId>);

    impl IndexBatch for FakeIndexer {
        async fn index(&self, events: &[Event], _: Instant) -> Vec<Outcome> {
            let outcome = |event: &Event| match self.0.contains(&event.id) {
                true => Outcome::Failed(Failure::Contended),
                false => Outcome::Indexed,
            };
            events.iter().map(outcome).collect()
        }
    }

    #[derive(Default)]
    struct FakeIndex(RefCell<Vec<Lag>>);

    impl PutLag for &FakeIndex {
        async fn put_lag(&self, lag: Lag) -> Result<(), StoreError> {
            self.0.borrow_mut().push(lag);
            Ok(())
        }
    }

    /// The response to these records or the function's error, and the lag in minutes.
    async fn response(
        failing: &[EventId],
        records: &[serde_json::Value],
    ) -> (Result<BatchResponse, String>, Option<u64>) {
        let payload = json!({ "Records": records }).to_string();
        let index = FakeIndex::default();
        let function = IndexEvents::new(FakeIndexer(failing.to_vec()), &index);
        let response = function.index(LambdaEvent::new(payload.into(), Context::default())).await;
        (response.map_err(|error| error.to_string()), index.0.take().first().map(|lag| lag.lag_ms / 60_000))
    }

    /// The record of a new event that was written this number of minutes ago.
    fn record(id: EventId, minutes_ago: i64) -> serde_json::Value {
        let key = Key::event(id);
        let text = |text: &str| json!({ "S": text });
        json!({
            "eventName": "INSERT",
            "dynamodb": {
                "ApproximateCreationDateTime": Utc::now().timestamp() - minutes_ago * 60,
                "SequenceNumber": format!("number of {id}"),
                "Keys": {"pk": text(&key.partition), "sk": text(&key.sort)},
                "NewImage": {
                    "pk": text(&key.partition), "sk": text(&key.sort), "name": text("n"), "version": text("1"),
                    "release": text("r"), "platform_id": text("p"), "package": text("k"), "description": text("d"),
                    "event_receiver_id": text("01HJ1K2M3N4P5Q6R7S8T9V0W1X"),
                    "success": {"BOOL": true}, "payload": text("{}"),
                },
            },
        })
    }

    fn ids() -> [EventId; 3] {
        [1, 2, 3].map(EventId::first_of)
    }

    #[tokio::test]
    async fn the_response_names_the_first_record_that_failed() {
        let [a, b, c] = ids();
        let records = [record(a, 30), record(b, 20), record(c, 10)];
        assert_eq!(response(&[], &records).await, (Ok(BatchResponse::success()), Some(10)));
        let retry = BatchResponse::retry_from(format!("number of {b}"));
        assert_eq!(response(&[b, c], &records).await, (Ok(retry), Some(20)));
    }

    #[tokio::test]
    async fn a_record_that_is_no_event_does_not_hold_up_the_others() {
        let [a, b, c] = ids();
        let mut poison = record(b, 20);
        poison["dynamodb"]["NewImage"]["payload"] = json!({"S": "{"});
        for position in 0..3 {
            let mut records = vec![record(a, 30), record(c, 10)];
            records.insert(position, poison.clone());
            assert_eq!(response(&[], &records).await.0, Ok(BatchResponse::success()));
            let retry = BatchResponse::retry_from(format!("number of {c}"));
            assert_eq!(response(&[c], &records).await.0, Ok(retry));
        }
    }

    #[tokio::test]
    async fn a_change_that_is_no_new_event_is_not_indexed() {
        let [a, ..] = ids();
        let change = |name: &str, partition: &str| {
            let mut record = record(a, 0);
            record["eventName"] = name.into();
            record["dynamodb"]["Keys"]["pk"]["S"] = partition.into();
            record
        };
        let records = [change("REMOVE", "EVENT#1"), change("INSERT", "RECEIVER#1"), json!(7)];
        assert_eq!(response(&[a], &records).await, (Ok(BatchResponse::success()), None));
    }

    #[tokio::test]
    async fn a_failed_record_without_a_sequence_number_fails_the_batch() {
        let [a, ..] = ids();
        let mut record = record(a, 0);
        record["dynamodb"]["SequenceNumber"] = serde_json::Value::Null;
        assert!(response(&[a], &[record]).await.0.unwrap_err().contains("retry the batch"));
    }
}
