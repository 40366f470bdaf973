//! Invokes a function through the Lambda API and reads its answer.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::sync::watch;

use super::{Mapping, retry::Outcome};
use crate::{
    error::{Context, Result},
    lambda,
};

/// A function behind a Lambda API.
pub struct FunctionClient {
    http: reqwest::Client,
    url: String,
    timeout: Duration,
    /// Counts the deaths of the function's process: its invocation would never be answered.
    deaths: watch::Receiver<u64>,
    failed: FailedInvocations,
}

/// How many records each invocation had that failed as a whole.
pub type FailedInvocations = Arc<Mutex<Vec<usize>>>;

impl FunctionClient {
    /// A client of the function `name` behind the Lambda API at `api_url`.
    pub fn new(
        api_url: &str,
        name: &str,
        timeout: Duration,
        deaths: watch::Receiver<u64>,
        failed: FailedInvocations,
    ) -> Self {
        let url = lambda::invocations_url(api_url, name);
        Self { http: reqwest::Client::new(), url, timeout, deaths, failed }
    }

    pub(crate) async fn invoke(&self, records: &[Value], mapping: &Mapping) -> Outcome {
        let mut deaths = self.deaths.clone();
        deaths.mark_unchanged();
        let answer = tokio::select! {
            answer = tokio::time::timeout(self.timeout, self.post(json!({"Records": records}))) => {
                answer.context("the function is out of time").and_then(|answer| answer)
            }
            _ = deaths.changed() => Err(crate::Error::new("the function's process ended")),
        };
        match answer {
            Ok(answer) if mapping.report_batch_item_failures => outcome(&answer, records),
            Ok(_) => Outcome::Taken,
            Err(error) => {
                eprintln!(
                    "event source mapping: an invocation with {} records failed: {error}",
                    records.len()
                );
                self.failed.lock().unwrap_or_else(PoisonError::into_inner).push(records.len());
                Outcome::Failed
            }
        }
    }

    async fn post(&self, event: Value) -> Result<Value> {
        let response = self.http.post(&self.url).json(&event).send().await.context("invoking")?;
        let response = response.error_for_status().context("the function failed")?;
        response.json().await.context("the function's answer")
    }
}

/// The lowest sequence number that the answer names is where to go on; one that is not of this batch,
/// or null, means the whole batch.
fn outcome(answer: &Value, records: &[Value]) -> Outcome {
    let Some(failures) = answer["batchItemFailures"].as_array().filter(|failures| !failures.is_empty())
    else {
        return Outcome::Taken;
    };
    let index = |failure: &Value| {
        records.iter().position(|record| {
            let number = &record["dynamodb"]["SequenceNumber"];
            number.is_string() && *number == failure["itemIdentifier"]
        })
    };
    match failures.iter().map(index).collect::<Option<Vec<_>>>() {
        Some(indices) => Outcome::FailedAt(indices.into_iter().min().unwrap_or(0)),
        None => Outcome::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome_of(answer: &Value) -> Outcome {
        let record = |number: &str| json!({"dynamodb": {"SequenceNumber": number}});
        outcome(answer, &[record("7"), record("8"), record("9")])
    }

    #[test]
    fn the_lowest_sequence_number_is_where_to_go_on() {
        let answer = json!({"batchItemFailures": [{"itemIdentifier": "9"}, {"itemIdentifier": "8"}]});
        assert!(matches!(outcome_of(&answer), Outcome::FailedAt(1)));
    }

    #[test]
    fn an_answer_without_failures_takes_the_batch() {
        for answer in [json!(null), json!({}), json!({"batchItemFailures": []})] {
            assert!(matches!(outcome_of(&answer), Outcome::Taken));
        }
    }

    #[test]
    fn a_null_or_foreign_identifier_fails_the_batch() {
        for identifier in [json!(null), json!(""), json!("99")] {
            let answer = json!({"batchItemFailures": [{ "itemIdentifier": identifier }]});
            assert!(matches!(outcome_of(&answer), Outcome::Failed));
        }
    }
}
