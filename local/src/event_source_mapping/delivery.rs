//! Delivers records to the function: batches, retries, the on-failure queue and the position.

use std::{
    collections::VecDeque,
    time::{Duration, SystemTime},
};

use serde_json::{Value, json};
use tokio::time::sleep;

use super::{
    Mapping,
    invocation::{Invoke, outcome},
    position::KeepPosition,
    record::StreamRecord,
    retry::{Batch, Outcome},
};
use crate::{error::Result, lambda};

/// The wait before a retry: it doubles from the first to the last.
pub(super) const FIRST_WAIT: Duration = Duration::from_millis(250);
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// Sends a message to the on-failure queue.
pub(crate) trait SendMessage {
    /// Stores the message.
    fn send(&self, message: &Value) -> Result<()>;
}

/// The delivery of one shard's records.
pub(crate) struct Delivery<F, P, Q> {
    pub(crate) mapping: Mapping,
    pub(crate) function: F,
    /// The function's name.
    pub(crate) function_name: String,
    pub(crate) position: P,
    pub(crate) on_failure: Q,
    pub(crate) shard: String,
    pub(crate) stream_arn: String,
    /// The present time.
    pub(crate) now: fn() -> SystemTime,
}

/// Why records were given up, in Lambda's words:
/// <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>.
#[derive(Debug, Clone, Copy)]
enum Condition {
    RecordAgeExceeded,
    RetryAttemptsExhausted,
}

impl Condition {
    fn name(self) -> &'static str {
        match self {
            Self::RecordAgeExceeded => "RecordAgeExceeded",
            Self::RetryAttemptsExhausted => "RetryAttemptsExhausted",
        }
    }
}

impl<F: Invoke, P: KeepPosition, Q: SendMessage> Delivery<F, P, Q> {
    /// Delivers records in their order. Returns after each record is accepted or given up.
    pub(crate) async fn deliver(&mut self, records: &[StreamRecord]) -> Result<()> {
        let batches = records.chunks(self.mapping.batch_size);
        let mut pending: VecDeque<_> = batches.map(|records| Batch::new(records.to_vec())).collect();
        let mut wait = FIRST_WAIT;
        while let Some(mut batch) = pending.pop_front() {
            let young = batch.records.iter().position(|record| !self.is_too_old(record));
            let young = batch.records.split_off(young.unwrap_or(batch.records.len()));
            self.give_up(&batch.records, Condition::RecordAgeExceeded)?;
            batch.records = young;
            if batch.records.is_empty() {
                continue;
            }
            let outcome = self.invoke(&batch.records).await;
            let numbers: Vec<_> = batch.records.iter().map(|record| record.sequence_number.clone()).collect();
            let next = batch.after(&outcome, &self.mapping);
            if let Some(last) = next.accepted.checked_sub(1).and_then(|last| numbers.get(last)) {
                self.position.advance(last)?;
                wait = FIRST_WAIT;
            }
            self.give_up(&next.given_up, Condition::RetryAttemptsExhausted)?;
            for batch in next.again.into_iter().rev() {
                pending.push_front(batch);
            }
            if next.wait {
                sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
        }
        Ok(())
    }

    async fn invoke(&self, records: &[StreamRecord]) -> Outcome {
        match self.function.invoke(records).await {
            Ok(response) if self.mapping.report_batch_item_failures => outcome(&response, records),
            Ok(_) => Outcome::Accepted,
            Err(error) => {
                let (count, function) = (records.len(), &self.function_name);
                eprintln!("an invocation of {function} with {count} records of the stream failed: {error}");
                Outcome::Failed
            }
        }
    }

    fn is_too_old(&self, record: &StreamRecord) -> bool {
        let age = (self.now)().duration_since(record.created).unwrap_or_default();
        age > self.mapping.maximum_record_age
    }

    /// Sends the message that Lambda sends to an SQS queue. It names the records, and does not contain them.
    fn give_up(&mut self, records: &[StreamRecord], condition: Condition) -> Result<()> {
        let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(()) };
        let message = json!({
            "requestContext": {
                "functionArn": lambda::arn(&self.function_name),
                "condition": condition.name(),
            },
            "DDBStreamBatchInfo": {
                "shardId": self.shard,
                "startSequenceNumber": first.sequence_number,
                "endSequenceNumber": last.sequence_number,
                "approximateArrivalOfFirstRecord": first.arrival(),
                "approximateArrivalOfLastRecord": last.arrival(),
                "batchSize": records.len(),
                "streamArn": self.stream_arn,
            },
        });
        let (count, function, condition) = (records.len(), &self.function_name, condition.name());
        eprintln!("the event source mapping of {function} gave up {count} records ({condition})");
        if self.mapping.has_on_failure_queue {
            self.on_failure.send(&message)?;
        }
        self.position.advance(&last.sequence_number)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::event_source_mapping::fakes::{self, Deliveries, Invocation, mapping, records};

    fn failures(numbers: &[u32]) -> Value {
        let failures: Vec<_> =
            numbers.iter().map(|number| json!({"itemIdentifier": number.to_string()})).collect();
        json!({"batchItemFailures": failures})
    }

    fn conditions(deliveries: &Deliveries) -> Vec<(String, String, String)> {
        let messages = deliveries.messages();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let messages = messages.iter().map(|message| {
            let info = &message["DDBStreamBatchInfo"];
            let condition = text(&message["requestContext"]["condition"]);
            (condition, text(&info["startSequenceNumber"]), text(&info["endSequenceNumber"]))
        });
        messages.collect()
    }

    #[tokio::test(start_paused = true)]
    async fn batches_are_delivered_in_order_and_the_position_follows() {
        let deliveries = Deliveries::default();
        let mut delivery = fakes::delivery(Mapping { batch_size: 2, ..mapping() }, &deliveries);
        delivery.deliver(&records(1..=5)).await.unwrap();
        assert_eq!(deliveries.batches(), [vec![1, 2], vec![3, 4], vec![5]]);
        assert_eq!(deliveries.positions(), ["2", "4", "5"]);
        assert!(deliveries.messages().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_partial_failure_keeps_its_progress_and_is_retried_after_a_wait() {
        let deliveries = Deliveries::default();
        deliveries.respond_with([Ok(failures(&[3, 2])), Ok(Value::Null)]);
        fakes::delivery(mapping(), &deliveries).deliver(&records(1..=3)).await.unwrap();
        let expected = [
            Invocation { records: vec![1, 2, 3], after: Duration::ZERO },
            Invocation { records: vec![2, 3], after: FIRST_WAIT },
        ];
        assert_eq!(deliveries.invocations(), expected);
        assert_eq!(deliveries.positions(), ["1", "3"]);
    }

    #[tokio::test(start_paused = true)]
    async fn without_batch_item_failures_every_response_accepts_the_batch() {
        let deliveries = Deliveries::default();
        deliveries.respond_with([Ok(failures(&[1]))]);
        let mapping = Mapping { report_batch_item_failures: false, ..mapping() };
        fakes::delivery(mapping, &deliveries).deliver(&records(1..=2)).await.unwrap();
        assert_eq!(deliveries.batches(), [[1, 2]]);
        assert_eq!(deliveries.positions(), ["2"]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_error_splits_the_batch_down_to_the_record_that_causes_it() {
        let deliveries = Deliveries::failing_on(3);
        let mapping = Mapping { maximum_retry_attempts: Some(1), ..mapping() };
        fakes::delivery(mapping, &deliveries).deliver(&records(1..=4)).await.unwrap();
        assert_eq!(
            deliveries.batches(),
            [vec![1, 2, 3, 4], vec![1, 2], vec![3, 4], vec![3], vec![3], vec![4]]
        );
        assert_eq!(deliveries.positions(), ["2", "3", "4"]);
        let expected = json!({
            "requestContext": {
                "functionArn": "arn:aws:lambda:us-east-1:000000000000:function:f",
                "condition": "RetryAttemptsExhausted",
            },
            "DDBStreamBatchInfo": {
                "shardId": "shard",
                "startSequenceNumber": "3",
                "endSequenceNumber": "3",
                "approximateArrivalOfFirstRecord": "2027-01-15T08:00:00Z",
                "approximateArrivalOfLastRecord": "2027-01-15T08:00:00Z",
                "batchSize": 1,
                "streamArn": "stream",
            },
        });
        assert_eq!(deliveries.messages(), [expected]);
    }

    #[tokio::test(start_paused = true)]
    async fn waits_double_to_five_seconds_and_start_again_after_progress() {
        let deliveries = Deliveries::default();
        deliveries.respond_with((0..6).map(|_| Ok(failures(&[1]))).chain([Ok(failures(&[2]))]));
        fakes::delivery(mapping(), &deliveries).deliver(&records(1..=2)).await.unwrap();
        let times: Vec<_> =
            deliveries.invocations().iter().map(|invocation| invocation.after.as_millis()).collect();
        let waits: Vec<_> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert_eq!(waits, [250, 500, 1000, 2000, 4000, 5000, 250]);
    }

    #[tokio::test(start_paused = true)]
    async fn retries_without_a_limit_end_with_the_records_age() {
        let deliveries = Deliveries::failing_on(1);
        let mapping = Mapping { bisect_on_function_error: false, ..mapping() };
        fakes::delivery(mapping, &deliveries).deliver(&records(1..=2)).await.unwrap();
        let last = deliveries.invocations().last().unwrap().after;
        let maximum = fakes::MAXIMUM_RECORD_AGE;
        assert!(last <= maximum && last + LONGEST_WAIT > maximum, "{last:?}");
        assert_eq!(conditions(&deliveries), [("RecordAgeExceeded".into(), "1".into(), "2".into())]);
        assert_eq!(deliveries.positions(), ["2"]);
    }

    #[tokio::test(start_paused = true)]
    async fn expired_records_are_given_up_and_younger_ones_delivered() {
        let deliveries = Deliveries::default();
        let mut records = records(1..=4);
        for record in &mut records[..2] {
            record.created -= fakes::MAXIMUM_RECORD_AGE + Duration::from_millis(1);
        }
        fakes::delivery(mapping(), &deliveries).deliver(&records).await.unwrap();
        assert_eq!(deliveries.batches(), [[3, 4]]);
        assert_eq!(deliveries.positions(), ["2", "4"]);
        assert_eq!(conditions(&deliveries), [("RecordAgeExceeded".into(), "1".into(), "2".into())]);
    }

    #[tokio::test(start_paused = true)]
    async fn without_an_on_failure_queue_only_the_position_advances() {
        let deliveries = Deliveries::failing_on(1);
        let mapping = Mapping { has_on_failure_queue: false, maximum_retry_attempts: Some(0), ..mapping() };
        fakes::delivery(mapping, &deliveries).deliver(&records(1..=1)).await.unwrap();
        assert!(deliveries.messages().is_empty());
        assert_eq!(deliveries.positions(), ["1"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_message_that_cannot_be_sent_keeps_the_position_before_its_records() {
        let deliveries = Deliveries::failing_on(2);
        deliveries.refuse_messages();
        let mapping = Mapping { maximum_retry_attempts: Some(0), ..mapping() };
        let delivered = fakes::delivery(mapping, &deliveries).deliver(&records(1..=2)).await;
        assert!(delivered.is_err());
        assert_eq!(deliveries.positions(), ["1"]);
    }
}
