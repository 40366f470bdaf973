//! The response to a batch.

use serde::Serialize;

/// Names the records that Lambda must send again, as the event source mapping's `ReportBatchItemFailures` expects it.
///
/// - For a stream, Lambda sends the first failed record and all records after it again:
///   <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html>
/// - For a queue, Lambda sends the failed messages again:
///   <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html>
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchResponse {
    batch_item_failures: Vec<BatchItemFailure>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchItemFailure {
    // Must not be null, since Lambda would treat the whole batch as failed.
    item_identifier: String,
}

impl BatchResponse {
    /// Every record succeeded.
    pub fn success() -> Self {
        Self::default()
    }

    /// The record with this sequence number failed.
    pub fn retry_from(sequence_number: String) -> Self {
        [sequence_number].into_iter().collect()
    }
}

impl FromIterator<String> for BatchResponse {
    fn from_iter<I: IntoIterator<Item = String>>(failed: I) -> Self {
        let failures = failed.into_iter().map(|item_identifier| BatchItemFailure { item_identifier });
        Self { batch_item_failures: failures.collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_response_names_the_failed_records() {
        let text = |response| serde_json::to_string(&response).unwrap();
        assert_eq!(text(BatchResponse::success()), r#"{"batchItemFailures":[]}"#);
        assert_eq!(
            text(BatchResponse::retry_from("111".to_owned())),
            r#"{"batchItemFailures":[{"itemIdentifier":"111"}]}"#
        );
        assert_eq!(
            text(["a".to_owned(), "b".to_owned()].into_iter().collect()),
            r#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"b"}]}"#
        );
    }
}
