//! Publishes one batch of the stream. The response names the first record that failed.

use std::{collections::BTreeMap, time::Instant};

use bytes::Bytes;
use lambda_runtime::{Error, LambdaEvent};
use tokio::sync::Mutex;
use xzepr_batch::BatchResponse;
use xzepr_publishing::{Failure, Outcome, Publication, Publish, time_left};
use xzepr_store::{Key, RecordKind, StreamRecord};
use xzepr_telemetry::metrics::{definitions::BATCH_SIZE, emit};

pub(crate) struct PublishEvents<P> {
    publisher: Mutex<P>,
}

impl<P: Publish> PublishEvents<P> {
    pub(crate) fn new(publisher: P) -> Self {
        Self { publisher: Mutex::new(publisher) }
    }

    pub(crate) async fn publish(&self, event: LambdaEvent<Bytes>) -> Result<BatchResponse, Error> {
        let started = Instant::now();
        let LambdaEvent { payload, context, .. } = event;
        let read = StreamRecord::parse_batch(&payload)?;
        // The text, up to 6 MB, is freed before the messages are made.
        drop(payload);
        let records = read.len();
        let (sequence_numbers, publications): (Vec<_>, Vec<_>) =
            read.into_iter().filter_map(publication).unzip();
        let within = time_left(context.deadline());
        let outcomes = self.publisher.lock().await.publish(&publications, within).await;

        let (mut published, mut skipped, mut unrouted, mut dead_lettered) = (0, 0, 0, 0);
        let mut failures = Vec::new();
        for ((sequence_number, publication), outcome) in
            sequence_numbers.into_iter().zip(&publications).zip(outcomes)
        {
            match outcome {
                Outcome::Published => published += 1,
                Outcome::Skipped => skipped += 1,
                Outcome::Unrouted => unrouted += 1,
                Outcome::DeadLettered(_) | Outcome::RoutesDeadLettered => dead_lettered += 1,
                Outcome::Failed(failure) => failures.push((sequence_number, publication.key(), failure)),
            }
        }
        tracing::info!(
            records,
            published,
            skipped,
            unrouted,
            dead_lettered,
            failed = failures.len(),
            duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX),
            "batch ended"
        );
        emit([BATCH_SIZE.of(records)]);
        log_failures(failures.iter().map(|(_, key, failure)| (*key, failure)));
        let Some((sequence_number, ..)) = failures.into_iter().next() else {
            return Ok(BatchResponse::success());
        };
        match sequence_number {
            Some(sequence_number) => Ok(BatchResponse::retry_from(sequence_number)),
            None => {
                Err("the first failed record has no sequence number, so Lambda must retry the batch".into())
            }
        }
    }
}

/// Logs one line for each reason, with the ids of all events that wait for it.
fn log_failures<'a>(failures: impl Iterator<Item = (&'a Key, &'a Failure)>) {
    let mut reasons: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (key, failure) in failures {
        reasons.entry(failure.to_string()).or_default().push(&key.sort);
    }
    for (reason, ids) in reasons {
        tracing::error!(events = ids.len(), event_ids = ids.join(" "), "could not publish: {reason}");
    }
}

/// The publication of a record; `None` for a change that is not published.
fn publication(record: StreamRecord) -> Option<(Option<String>, Publication)> {
    let StreamRecord { sequence_number, key, kind, .. } = record;
    let item = match kind {
        RecordKind::Event(event) => Ok(*event),
        RecordKind::Other => return None,
        RecordKind::Unknown(shape) => Err(shape),
    };
    let Some(key) = key else {
        // DynamoDB makes no such record, so no item is lost.
        tracing::error!("skipped a record without an item's key");
        return None;
    };
    Some((sequence_number, Publication::new(key, item)))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use lambda_runtime::Context;

    use xzepr_publishing::Undelivered;

    use super::*;

    /// A publisher that fails the items with these sort keys.
    struct FakePublisher(&'static [&'static str]);

    impl Publish for FakePublisher {
        async fn publish(&mut self, publications: &[Publication], _: Duration) -> Vec<Outcome> {
            let fails = |publication: &Publication| self.0.contains(&publication.key().sort.as_str());
            let outcome = |publication| {
                if fails(publication) {
                    Outcome::Failed(Failure::Undelivered(Undelivered::OutOfTime))
                } else {
                    Outcome::Published
                }
            };
            publications.iter().map(outcome).collect()
        }

        async fn preview(&mut self, _: &[Publication]) -> Vec<Outcome> {
            panic!("only a replay previews")
        }
    }

    /// The response to these records, or the function's error.
    async fn response(failing: &'static [&'static str], records: &str) -> Result<BatchResponse, String> {
        let payload = format!(r#"{{"Records": [{records}]}}"#);
        let event = LambdaEvent::new(payload.into(), Context::default());
        PublishEvents::new(FakePublisher(failing)).publish(event).await.map_err(|error| error.to_string())
    }

    fn record(name: &str, partition: &str, sort: &str) -> String {
        format!(
            r#"{{"eventName": "{name}", "dynamodb": {{"SequenceNumber": "number of {sort}",
                "Keys": {{"pk": {{"S": "{partition}"}}, "sk": {{"S": "{sort}"}}}}}}}}"#
        )
    }

    fn event(sort: &str) -> String {
        record("INSERT", "EVENT#2024-01-15#Z", sort)
    }

    #[tokio::test]
    async fn the_response_names_the_first_record_that_failed() {
        let records = [event("a"), event("b"), event("c")].join(",");
        assert_eq!(response(&[], &records).await, Ok(BatchResponse::success()));
        let retry = BatchResponse::retry_from("number of b".to_owned());
        assert_eq!(response(&["b", "c"], &records).await, Ok(retry));
    }

    #[tokio::test]
    async fn a_change_that_is_no_new_event_is_not_published() {
        let records = [record("REMOVE", "EVENT#1", "a"), record("INSERT", "RECEIVER#1", "b"), "7".to_owned()];
        assert_eq!(response(&["a", "b"], &records.join(",")).await, Ok(BatchResponse::success()));
    }

    #[tokio::test]
    async fn a_failed_record_without_a_sequence_number_fails_the_batch() {
        let record = event("a").replace(r#""SequenceNumber": "number of a","#, "");
        assert!(response(&["a"], &record).await.unwrap_err().contains("retry the batch"));
    }
}
