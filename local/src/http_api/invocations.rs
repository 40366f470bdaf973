//! The part of the Lambda API that invokes a function by its name:
//! <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;

use super::{connection, invoker::Invoker};
use crate::execution_environments::{Failure, FunctionResponse};

/// The header that asks for an asynchronous invocation by its value `Event`.
const INVOCATION_TYPE: &str = "x-amz-invocation-type";

/// A batch of the event source mapping has up to 6 MB.
const MAX_PAYLOAD_BYTES: usize = 16 * 1024 * 1024;

/// The path of all invocations.
pub(super) fn router(invoker: Arc<Invoker>) -> Router {
    Router::new().route("/2015-03-31/functions/{name}/invocations", post(invoke)).with_state(invoker)
}

/// An invocation with the event in the body. A function's failure is a status, as in cargo-lambda.
async fn invoke(
    State(invoker): State<Arc<Invoker>>,
    Path(function): Path<String>,
    mut headers: HeaderMap,
    body: Body,
) -> Response {
    let Ok(payload) = to_bytes(body, MAX_PAYLOAD_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    if headers.get(INVOCATION_TYPE).is_some_and(|invocation_type| invocation_type == "Event") {
        // A failed invocation is not retried, as with the template's MaximumRetryAttempts of 0.
        tokio::spawn(async move {
            if let Err(failure) = invoker.invoke(&function, HeaderMap::new(), payload).await {
                eprintln!("{function}: {failure}");
            }
        });
        return StatusCode::ACCEPTED.into_response();
    }
    connection::remove_headers(&mut headers);
    invoker.invoke(&function, headers, payload).await.map_or_else(
        |failure| {
            let status = match failure {
                Failure::UnknownFunction(_) => StatusCode::NOT_FOUND,
                _ => StatusCode::INTERNAL_SERVER_ERROR,
            };
            let error = json!({"errorType": "Runtime.Failure", "errorMessage": failure.to_string()});
            (status, axum::Json(error)).into_response()
        },
        IntoResponse::into_response,
    )
}

impl IntoResponse for FunctionResponse {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        connection::remove_headers(response.headers_mut());
        response
    }
}
