//! The HTTP API: the work of API Gateway between a caller and a function, and the part of the Lambda API that invokes
//! a function.

use std::{net::TcpListener, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Path, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use serde_json::json;
use tokio::{task::JoinHandle, time::timeout};

use crate::{
    error::{Context, Result},
    execution_environments::{ExecutionEnvironments, Failure, FunctionResponse},
    routes::Routes,
    template::Route,
};

/// API Gateway's limits: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html>.
const RESPONSE_WITHIN: Duration = Duration::from_secs(30);
const MAX_BODY_BYTES: usize = 10 * 1024 * 1024;

/// The header that asks for an asynchronous invocation by its value `Event`:
/// <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>.
const INVOCATION_TYPE: &str = "x-amz-invocation-type";

/// A batch of the event source mapping has up to 6 MB.
const MAX_PAYLOAD_BYTES: usize = 16 * 1024 * 1024;

/// Headers of a connection, not of a request: <https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1>.
const OF_THE_CONNECTION: [HeaderName; 5] =
    [header::CONNECTION, header::CONTENT_LENGTH, header::HOST, header::TRANSFER_ENCODING, header::UPGRADE];

/// The API on loopback. It ends when this is dropped.
pub(crate) struct Api {
    server: JoinHandle<()>,
}

struct Front {
    http: reqwest::Client,
    lambda_url: String,
    routes: Routes,
    environments: ExecutionEnvironments,
}

impl Api {
    /// Serves routes and invocations. The functions get their invocations from the Lambda Runtime API at `lambda_url`.
    pub(crate) fn start(
        listener: TcpListener,
        lambda_url: String,
        routes: Routes,
        environments: ExecutionEnvironments,
    ) -> Result<Self> {
        let listener = tokio::net::TcpListener::from_std(listener).context("starting the HTTP API")?;
        let front = Front { http: reqwest::Client::new(), lambda_url, routes, environments };
        let router = Router::new()
            .route("/2015-03-31/functions/{name}/invocations", post(invocation))
            .fallback(request)
            .with_state(Arc::new(front));
        let server = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("the HTTP API ended: {error}");
            }
        });
        Ok(Self { server })
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// Passes a caller's request to the function of its route.
async fn request(State(front): State<Arc<Front>>, request: Request) -> Response {
    match timeout(RESPONSE_WITHIN, front.route(request)).await {
        Ok(response) => response,
        Err(_) => gateway_error(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
    }
}

/// An invocation with the event in the body. A function's failure is a status, as in cargo-lambda.
async fn invocation(
    State(front): State<Arc<Front>>,
    Path(function): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Ok(payload) = to_bytes(body, MAX_PAYLOAD_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    if headers.get(INVOCATION_TYPE).is_some_and(|invocation_type| invocation_type == "Event") {
        // A failed invocation is not retried, as with the template's MaximumRetryAttempts of 0.
        tokio::spawn(async move {
            if let Err(failure) = front.invoke(&function, &HeaderMap::new(), payload).await {
                eprintln!("{function}: {failure}");
            }
        });
        return StatusCode::ACCEPTED.into_response();
    }
    front.invoke(&function, &headers, payload).await.map_or_else(
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

impl Front {
    async fn invoke(
        &self,
        function: &str,
        headers: &HeaderMap,
        payload: Bytes,
    ) -> std::result::Result<FunctionResponse, Failure> {
        let request = |environment: &str| {
            let url = format!("{}/2015-03-31/functions/{environment}/invocations", self.lambda_url);
            self.http.post(url).headers(forwarded(headers)).body(payload)
        };
        self.environments.invoke(function, request).await
    }

    async fn route(&self, request: Request) -> Response {
        let (parts, body) = request.into_parts();
        let Ok(body): std::result::Result<Bytes, _> = to_bytes(body, MAX_BODY_BYTES).await else {
            return gateway_error(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
        };
        let Some((Route { function, .. }, _)) = self.routes.find(&parts.method, parts.uri.path()) else {
            return gateway_error(StatusCode::NOT_FOUND, "Not Found");
        };
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let response = self
            .environments
            .invoke(function, |environment| {
                let url = self.url(environment, path);
                self.http.request(parts.method, url).headers(forwarded(&parts.headers)).body(body)
            })
            .await;
        match response {
            Ok(response) => response.into_response(),
            Err(failure) => {
                eprintln!("{function}: {failure}");
                gateway_error(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
        }
    }

    /// The URL at which cargo-lambda makes the event that API Gateway makes of a request. A path whose dot segments lead
    /// out of it is the function's root path.
    fn url(&self, environment: &str, path: &str) -> String {
        let root = format!("{}/lambda-url/{environment}/", self.lambda_url);
        let url = format!("{root}{}", path.strip_prefix('/').unwrap_or(path));
        let stays = reqwest::Url::parse(&url).is_ok_and(|url| url.as_str().starts_with(&root));
        if stays { url } else { root }
    }
}

/// The headers for a function. API Gateway joins the values of a header that a request has more than once:
/// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.
fn forwarded(headers: &HeaderMap) -> HeaderMap {
    let names = headers.keys().filter(|name| !OF_THE_CONNECTION.contains(name));
    names
        .filter_map(|name| {
            let values: Vec<_> = headers.get_all(name).iter().map(HeaderValue::as_bytes).collect();
            Some((name.clone(), HeaderValue::from_bytes(&values.join(&b","[..])).ok()?))
        })
        .collect()
}

/// API Gateway's own response.
fn gateway_error(status: StatusCode, message: &str) -> Response {
    (status, axum::Json(json!({"message": message}))).into_response()
}

impl IntoResponse for FunctionResponse {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        for name in OF_THE_CONNECTION {
            response.headers_mut().remove(name);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_a_repeated_header_are_joined_and_the_connections_headers_are_dropped() {
        let mut headers = HeaderMap::new();
        for (name, value) in [("idempotency-key", "a"), ("host", "h"), ("idempotency-key", "b"), ("x", "1")] {
            headers.append(name, HeaderValue::from_static(value));
        }
        let forwarded = forwarded(&headers);
        assert_eq!(forwarded["idempotency-key"], "a,b");
        assert_eq!((forwarded.len(), &forwarded["x"]), (2, &HeaderValue::from_static("1")));
    }
}
