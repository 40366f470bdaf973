//! What the on-failure queue holds: which records of the stream Lambda gave up, not what they hold.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use xzepr_domain::{InvalidTimeRange, TimeRange};

/// An id is made before its item is written, by at most the time that a function has; the clocks of both
/// ends differ, and the stream's times are whole seconds.
const BEFORE_ARRIVAL: TimeDelta = TimeDelta::seconds(60);
const AFTER_ARRIVAL: TimeDelta = TimeDelta::seconds(10);

/// A window may end so far in the future, by this clock.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

#[derive(Deserialize)]
pub(crate) struct Messages {
    #[serde(rename = "Records")]
    pub(crate) records: Vec<Message>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Message {
    pub(crate) message_id: String,
    pub(crate) body: String,
}

#[derive(Deserialize)]
struct GivenUp {
    #[serde(rename = "DDBStreamBatchInfo")]
    batch: BatchInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchInfo {
    approximate_arrival_of_first_record: DateTime<Utc>,
    approximate_arrival_of_last_record: DateTime<Utc>,
}

/// Why a message tells no window.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidMessage {
    #[error("it is not what Lambda sends: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the {} of its window {error}", error.bound())]
    Window {
        #[from]
        error: InvalidTimeRange,
    },
}

impl Message {
    /// The time range that the ids of the batch's events lie in.
    pub(crate) fn window(&self) -> Result<TimeRange, InvalidMessage> {
        let GivenUp { batch } = serde_json::from_str(&self.body)?;
        let start = batch.approximate_arrival_of_first_record.checked_sub_signed(BEFORE_ARRIVAL);
        let end = batch.approximate_arrival_of_last_record.checked_add_signed(AFTER_ARRIVAL);
        let start = start.filter(|start| *start >= DateTime::UNIX_EPOCH);
        let start = start.ok_or(InvalidTimeRange::Before1970 { bound: "start" })?;
        let end = end.ok_or(InvalidTimeRange::InTheFuture { bound: "end" })?;
        Ok(TimeRange::new(start, end)?.readable_at(Utc::now() + CLOCK_SKEW)?)
    }
}

/// The messages that have to come again.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchResponse {
    pub(crate) batch_item_failures: Vec<BatchItemFailure>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchItemFailure {
    item_identifier: String,
}

impl From<&Message> for BatchItemFailure {
    fn from(message: &Message) -> Self {
        Self { item_identifier: message.message_id.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_reaches_from_before_the_first_arrival_to_behind_the_last() {
        let body = r#"{"requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": {
            "shardId": "shardId-00000001573689847184-864758bb", "batchSize": 1,
            "approximateArrivalOfFirstRecord": "2019-11-14T00:13:19Z",
            "approximateArrivalOfLastRecord": "2019-11-14T00:14:19Z"}}"#;
        let message = |body: &str| Message { message_id: "1".to_owned(), body: body.to_owned() };
        let (start, end) = message(body).window().unwrap().to_texts();
        assert_eq!((start.as_str(), end.as_str()), ("2019-11-14T00:12:19Z", "2019-11-14T00:14:29Z"));
        assert!(message("{}").window().is_err());
        for (first, last) in [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:30Z"),
            ("2019-11-14T00:13:19Z", "2926-11-14T00:13:19Z"),
            ("-262143-01-01T00:00:00Z", "2019-11-14T00:13:19Z"),
            ("2019-11-14T00:13:19Z", "2019-11-13T00:13:19Z"),
        ] {
            let body = body.replace("2019-11-14T00:13:19Z", first).replace("2019-11-14T00:14:19Z", last);
            assert!(message(&body).window().is_err(), "{first} {last}");
        }
    }
}
