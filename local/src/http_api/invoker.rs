//! Invocations through the Lambda Runtime API.

use axum::{body::Bytes, http::HeaderMap};

use crate::{
    execution_environments::{ExecutionEnvironments, Failure, FunctionResponse},
    lambda,
};

/// Gives an event to an execution environment of a function.
pub(crate) struct Invoker {
    http: reqwest::Client,
    lambda_url: String,
    environments: ExecutionEnvironments,
}

impl Invoker {
    /// The functions get their invocations from the Lambda Runtime API at `lambda_url`.
    pub(crate) fn new(lambda_url: String, environments: ExecutionEnvironments) -> Self {
        Self { http: reqwest::Client::new(), lambda_url, environments }
    }

    /// Invokes a function and waits for its end. A response is not a success if the function returned an error.
    pub(super) async fn invoke(
        &self,
        function: &str,
        headers: HeaderMap,
        event: impl Into<Bytes>,
    ) -> Result<FunctionResponse, Failure> {
        let event = event.into();
        let request = |environment: &str| {
            let url = lambda::invocations_url(&self.lambda_url, environment);
            self.http.post(url).headers(headers).body(event)
        };
        self.environments.invoke(function, request).await
    }
}
