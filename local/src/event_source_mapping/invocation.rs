//! Invokes a function through the Lambda API and reads its response.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::sync::watch;

use super::{record::StreamRecord, retry::Outcome};
use crate::{
    error::{Context, Error, Result},
    lambda,
};

/// Invokes the function of a mapping.
pub(crate) trait Invoke {
    /// Invokes the function with a batch and returns its response. An error, a timeout and a dead process are errors.
    fn invoke(&self, records: &[StreamRecord]) -> impl Future<Output = Result<Value>> + Send;
}

/// A client of one function.
#[derive(Clone)]
pub(crate) struct FunctionClient {
    http: reqwest::Client,
    url: String,
    timeout: Duration,
    /// Counts the deaths of the function's process. A dead process never ends its invocation.
    deaths: watch::Receiver<u64>,
    failed: FailedInvocations,
}

/// The number of records of each invocation that failed as a whole.
pub type FailedInvocations = Arc<Mutex<Vec<usize>>>;

impl FunctionClient {
    /// A client of the function `name`, through the Lambda API at `api_url`.
    pub(crate) fn new(
        api_url: &str,
        name: &str,
        timeout: Duration,
        deaths: watch::Receiver<u64>,
        failed: FailedInvocations,
    ) -> Self {
        let url = lambda::invocations_url(api_url, name);
        Self { http: reqwest::Client::new(), url, timeout, deaths, failed }
    }

    async fn post(&self, event: Value) -> Result<Value> {
        let response = self.http.post(&self.url).json(&event).send().await.context("invoking")?;
        let response = response.error_for_status().context("the function failed")?;
        response.json().await.context("the function's response")
    }
}

impl Invoke for FunctionClient {
    async fn invoke(&self, records: &[StreamRecord]) -> Result<Value> {
        let mut deaths = self.deaths.clone();
        deaths.mark_unchanged();
        let events: Vec<_> = records.iter().map(|record| &record.event).collect();
        let response = tokio::time::timeout(self.timeout, self.post(json!({"Records": events})));
        let response = tokio::select! {
            response = response => response.context("the function's timeout is over").flatten(),
            _ = deaths.changed() => Err(Error::new("the function's process ended")),
        };
        if response.is_err() {
            self.failed.lock().unwrap_or_else(PoisonError::into_inner).push(records.len());
        }
        response
    }
}

/// Reads the batch item failures of a response. Delivery continues at the lowest sequence number that the response
/// names. An identifier that is null or not of this batch fails the whole batch.
pub(crate) fn outcome(response: &Value, records: &[StreamRecord]) -> Outcome {
    let failures = response["batchItemFailures"].as_array().filter(|failures| !failures.is_empty());
    let Some(failures) = failures else { return Outcome::Accepted };
    let index = |failure: &Value| {
        let identifier = failure["itemIdentifier"].as_str()?;
        records.iter().position(|record| record.sequence_number == identifier)
    };
    match failures.iter().map(index).collect::<Option<Vec<_>>>() {
        Some(indices) => Outcome::FailedAt(indices.into_iter().min().unwrap_or(0)),
        None => Outcome::Failed,
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn outcome_of(response: &Value) -> Outcome {
        let records = ["7", "8", "9"].map(|number| StreamRecord {
            sequence_number: number.to_owned(),
            created: SystemTime::UNIX_EPOCH,
            event: Value::Null,
        });
        outcome(response, &records)
    }

    #[test]
    fn delivery_continues_at_the_lowest_sequence_number() {
        let response = json!({"batchItemFailures": [{"itemIdentifier": "9"}, {"itemIdentifier": "8"}]});
        assert_eq!(outcome_of(&response), Outcome::FailedAt(1));
    }

    #[test]
    fn a_response_without_failures_accepts_the_batch() {
        for response in [json!(null), json!({}), json!({"batchItemFailures": []})] {
            assert_eq!(outcome_of(&response), Outcome::Accepted);
        }
    }

    #[test]
    fn a_null_or_foreign_identifier_fails_the_batch() {
        for identifier in [json!(null), json!(""), json!("99")] {
            let response =
                json!({"batchItemFailures": [{"itemIdentifier": "8"}, {"itemIdentifier": identifier}]});
            assert_eq!(outcome_of(&response), Outcome::Failed);
        }
    }
}
