//! What the event source mapping sends, and what it reads from the answer.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html>

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A batch. The records stay text: one that cannot be decoded must not fail the others.
#[derive(Deserialize)]
pub(crate) struct Batch {
    #[serde(rename = "Records")]
    pub(crate) records: Vec<Box<RawValue>>,
}

/// The answer: the mapping goes on at the sequence number in it, or behind the batch without one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BatchResponse {
    batch_item_failures: Vec<BatchItemFailure>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct BatchItemFailure {
    // Never null: the mapping takes a null for a failure of the whole batch.
    item_identifier: String,
}

impl BatchResponse {
    pub(crate) fn all_published() -> Self {
        Self { batch_item_failures: Vec::new() }
    }

    pub(crate) fn retry_from(sequence_number: String) -> Self {
        Self { batch_item_failures: vec![BatchItemFailure { item_identifier: sequence_number }] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_names_the_first_failed_record_or_none() {
        let text = |response| serde_json::to_string(&response).unwrap();
        assert_eq!(text(BatchResponse::all_published()), r#"{"batchItemFailures":[]}"#);
        assert_eq!(
            text(BatchResponse::retry_from("111".to_owned())),
            r#"{"batchItemFailures":[{"itemIdentifier":"111"}]}"#
        );
    }
}
