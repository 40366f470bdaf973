//! The messages of the on-failure queue. Each contains the times of stream records that the mapping gave up.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use xzepr_domain::{Bound, InvalidTimeRange, TimeRange};

/// An id is older than the arrival of its record, by at most the time limit of a function.
const BEFORE_ARRIVAL: TimeDelta = TimeDelta::seconds(60);
/// The clocks of the functions and the stream may differ, and the times of the stream are whole seconds.
const AFTER_ARRIVAL: TimeDelta = TimeDelta::seconds(10);

/// How far in the future a window may end, by the clock of this process.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// Windows at most this far apart are joined, and the events between them are published again too. Otherwise the many
/// windows of an outage with few events would need days, since each replay takes at least a minute.
const NEAR: TimeDelta = TimeDelta::hours(1);

/// A message. Its time range is the window of the records that it is about.
#[derive(Deserialize)]
pub(crate) struct GivenUp {
    #[serde(rename = "requestContext", default)]
    request: Option<RequestContext>,
    #[serde(rename = "DDBStreamBatchInfo")]
    batch: BatchInfo,
}

#[derive(Deserialize)]
struct RequestContext {
    #[serde(rename = "functionArn", default)]
    function_arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BatchInfo {
    approximate_arrival_of_first_record: DateTime<Utc>,
    approximate_arrival_of_last_record: DateTime<Utc>,
}

/// The reason why a message contains no window.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InvalidMessage {
    #[error("the message is not one that Lambda sends: {0}")]
    Json(#[from] serde_json::Error),
    #[error("the {} of its window {error}", error.bound().name())]
    Window {
        #[from]
        error: InvalidTimeRange,
    },
}

impl GivenUp {
    pub(crate) fn parse(body: &str) -> Result<Self, InvalidMessage> {
        Ok(serde_json::from_str(body)?)
    }

    /// The name of the function that did not take the records. The ARN may have a version or an alias after the name:
    /// `arn:aws:lambda:<region>:<account>:function:<name>[:<version or alias>]`.
    pub(crate) fn function_name(&self) -> Option<&str> {
        self.request.as_ref()?.function_arn.as_deref()?.split(':').nth(6)
    }

    /// The time range of the events that the message is about.
    pub(crate) fn window(&self) -> Result<TimeRange, InvalidMessage> {
        let batch = &self.batch;
        let start = batch.approximate_arrival_of_first_record.checked_sub_signed(BEFORE_ARRIVAL);
        let end = batch.approximate_arrival_of_last_record.checked_add_signed(AFTER_ARRIVAL);
        let start = start.filter(|start| *start >= DateTime::UNIX_EPOCH);
        let start = start.ok_or(InvalidTimeRange::Before1970 { bound: Bound::Start })?;
        let end = end.ok_or(InvalidTimeRange::InTheFuture { bound: Bound::End })?;
        Ok(TimeRange::new(start, end)?.readable_at(Utc::now() + CLOCK_SKEW)?)
    }
}

/// A time range, and the number of messages whose windows it joins.
pub(crate) struct Window {
    pub(crate) range: TimeRange,
    pub(crate) messages: usize,
}

/// The earliest window, joined with the windows that overlap it or are near.
pub(crate) fn earliest(mut ranges: Vec<TimeRange>) -> Option<Window> {
    ranges.sort_by_key(|range| range.start());
    let mut ranges = ranges.into_iter();
    let mut earliest = Window { range: ranges.next()?, messages: 1 };
    while let Some(range) = ranges.next().and_then(|range| earliest.range.join(range, NEAR)) {
        earliest.range = range;
        earliest.messages += 1;
    }
    Some(earliest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn window(body: &str) -> Result<TimeRange, InvalidMessage> {
        GivenUp::parse(body)?.window()
    }

    #[test]
    fn the_name_of_the_function_is_read_with_and_without_a_version() {
        let body = |request: &str| {
            format!(
                r#"{{{request}"DDBStreamBatchInfo": {{"approximateArrivalOfFirstRecord": "2019-11-14T00:13:19Z",
                "approximateArrivalOfLastRecord": "2019-11-14T00:14:19Z"}}}}"#
            )
        };
        let name = |request: &str| GivenUp::parse(&body(request)).unwrap().function_name().map(str::to_owned);
        let arn = "arn:aws:lambda:us-west-2:123456789012:function:index-events";
        for arn in [arn.to_owned(), format!("{arn}:$LATEST"), format!("{arn}:live")] {
            let request = format!(r#""requestContext": {{"functionArn": "{arn}"}}, "#);
            assert_eq!(name(&request).as_deref(), Some("index-events"), "{arn}");
        }
        for request in [
            "",
            r#""requestContext": null, "#,
            r#""requestContext": {}, "#,
            r#""requestContext": {"functionArn": "index-events"}, "#,
        ] {
            assert_eq!(name(request), None, "{request}");
        }
    }

    #[test]
    fn a_window_begins_before_the_first_arrival_and_ends_after_the_last() {
        let body = r#"{"requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": {
            "shardId": "shardId-00000001573689847184-864758bb", "batchSize": 1,
            "approximateArrivalOfFirstRecord": "2019-11-14T00:13:19Z",
            "approximateArrivalOfLastRecord": "2019-11-14T00:14:19Z"}}"#;
        let (start, end) = window(body).unwrap().to_texts();
        assert_eq!((start.as_str(), end.as_str()), ("2019-11-14T00:12:19Z", "2019-11-14T00:14:29Z"));
        assert!(window("{}").is_err());
        for (first, last) in [
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:30Z"),
            ("2019-11-14T00:13:19Z", "2926-11-14T00:13:19Z"),
            ("-262143-01-01T00:00:00Z", "2019-11-14T00:13:19Z"),
            ("2019-11-14T00:13:19Z", "2019-11-13T00:13:19Z"),
        ] {
            let body = body.replace("2019-11-14T00:13:19Z", first).replace("2019-11-14T00:14:19Z", last);
            assert!(window(&body).is_err(), "{first} {last}");
        }
    }

    #[test]
    fn windows_that_overlap_or_are_near_are_joined_with_the_earliest() {
        let range = |start: &str, end: &str| {
            TimeRange::parse(&format!("2024-01-15T{start}:00Z"), &format!("2024-01-15T{end}:00Z")).unwrap()
        };
        let window = earliest(vec![
            range("14:00", "14:10"),
            range("10:10", "10:20"),
            range("11:20", "12:00"),
            range("10:11", "10:13"),
            range("13:01", "13:02"),
        ])
        .unwrap();
        assert_eq!((window.range, window.messages), (range("10:10", "12:00"), 3));
        assert!(earliest(Vec::new()).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn a_body_that_lambda_does_not_send_is_refused(body in ".*") {
            prop_assert!(window(&body).is_err());
        }

        #[test]
        fn a_window_is_longer_than_its_records_are_apart(first in 0..4_000_000_000_i64, seconds in 0..90_000_i64) {
            let text = |seconds| DateTime::from_timestamp(seconds, 0).unwrap().to_rfc3339();
            let body = format!(
                r#"{{"DDBStreamBatchInfo": {{"approximateArrivalOfFirstRecord": "{}",
                "approximateArrivalOfLastRecord": "{}"}}}}"#,
                text(first),
                text(first + seconds)
            );
            if let Ok(range) = window(&body) {
                prop_assert!(range.end() - range.start() == TimeDelta::seconds(seconds + 70));
                prop_assert!(range.end() <= Utc::now() + CLOCK_SKEW);
            } else {
                let now = Utc::now().timestamp();
                prop_assert!(first < 60 || first + seconds > now, "{} {}", first, seconds);
            }
        }
    }
}
