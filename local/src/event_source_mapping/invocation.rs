//! Invokes a function through the Lambda API and reads its response.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::sync::watch;
use xzepr_store::SORT_KEY;

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
    name: String,
    url: String,
    timeout: Duration,
    /// Counts the deaths of the function's process. A dead process never ends its invocation.
    deaths: watch::Receiver<u64>,
    failed: FailedInvocations,
    deliveries: Option<Deliveries>,
}

/// The number of records of each invocation that failed as a whole.
pub type FailedInvocations = Arc<Mutex<Vec<usize>>>;

/// The invocations that succeeded, in the order of their ends.
pub type Deliveries = Arc<Mutex<Vec<Delivered>>>;

/// A successful invocation by an event source mapping.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// The function.
    pub function: String,
    /// The sort keys of the items in the batch. That of an event is its id.
    pub sort_keys: Vec<String>,
    /// When the mapping invoked the function.
    pub began: Instant,
    /// When the response came.
    pub ended: Instant,
}

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
        let (http, name) = (reqwest::Client::new(), name.to_owned());
        Self { http, name, url, timeout, deaths, failed, deliveries: None }
    }

    /// Also keeps the successful invocations.
    pub(crate) fn keep(self, deliveries: Option<Deliveries>) -> Self {
        Self { deliveries, ..self }
    }

    fn delivered(&self, records: &[StreamRecord], began: Instant) {
        let Some(deliveries) = &self.deliveries else { return };
        let ended = Instant::now();
        let sort_key = |record: &StreamRecord| {
            record.event["dynamodb"]["Keys"][SORT_KEY]["S"].as_str().unwrap_or_default().to_owned()
        };
        let sort_keys = records.iter().map(sort_key).collect();
        let delivered = Delivered { function: self.name.clone(), sort_keys, began, ended };
        deliveries.lock().unwrap_or_else(PoisonError::into_inner).push(delivered);
    }

    async fn post(&self, event: Value) -> Result<Value> {
        let response = self.http.post(&self.url).json(&event).send().await.context("invoking")?;
        let response = response.error_for_status().context("the function failed")?;
        response.json().await.context("the function's response")
    }
}

impl Invoke for FunctionClient {
    async fn invoke(&self, records: &[StreamRecord]) -> Result<Value> {
        let began = Instant::now();
        let mut deaths = self.deaths.clone();
        deaths.mark_unchanged();
        let events: Vec<_> = records.iter().map(|record| &record.event).collect();
        let response = tokio::time::timeout(self.timeout, self.post(json!({"Records": events})));
        let response = tokio::select! {
            response = response => response.context("the function's timeout is over").flatten(),
            _ = deaths.changed() => Err(Error::new("the function's process ended")),
        };
        match &response {
            Ok(_) => self.delivered(records, began),
            Err(_) => self.failed.lock().unwrap_or_else(PoisonError::into_inner).push(records.len()),
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

    use axum::{Json, Router, http::StatusCode, routing::post};

    use super::*;

    fn outcome_of(response: &Value) -> Outcome {
        let records = ["7", "8", "9"].map(|number| StreamRecord {
            sequence_number: number.to_owned(),
            created: SystemTime::UNIX_EPOCH,
            event: Value::Null,
        });
        outcome(response, &records)
    }

    /// A Lambda API whose function `works` succeeds and whose function `fails` does not.
    async fn lambda_api() -> String {
        let works = post(async || Json(json!({})));
        let fails = post(async || StatusCode::INTERNAL_SERVER_ERROR);
        let routes = Router::new()
            .route(&lambda::invocations_url("", "works"), works)
            .route(&lambda::invocations_url("", "fails"), fails);
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        url
    }

    #[tokio::test]
    async fn successful_invocations_are_kept_with_the_keys_of_their_items() {
        let url = lambda_api().await;
        let (_living, deaths) = watch::channel(0);
        let deliveries = Deliveries::default();
        let record = StreamRecord {
            sequence_number: "7".to_owned(),
            created: SystemTime::UNIX_EPOCH,
            event: json!({"dynamodb": {"Keys": {SORT_KEY: {"S": "id"}}}}),
        };
        for name in ["fails", "works"] {
            let failed = FailedInvocations::default();
            let client =
                FunctionClient::new(&url, name, Duration::from_secs(10), deaths.clone(), failed.clone())
                    .keep(Some(deliveries.clone()));
            let response = client.invoke(std::slice::from_ref(&record)).await;
            assert_eq!(
                (response.is_ok(), failed.lock().unwrap().len()),
                (name == "works", usize::from(name == "fails"))
            );
        }
        let deliveries = deliveries.lock().unwrap();
        let [Delivered { function, sort_keys, began, ended }] = &deliveries[..] else {
            panic!("{deliveries:?}")
        };
        assert_eq!((function.as_str(), &sort_keys[..]), ("works", &["id".to_owned()][..]));
        assert!(began < ended);
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
