//! Responses: the status, the headers and the JSON body.

use lambda_http::{
    Body, Response,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
};
use serde::Serialize;

use crate::{HttpError, error_texts::ErrorText};

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The seconds until a caller may retry while the table is unavailable.
pub(crate) const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// The result of a request that succeeded.
#[derive(Debug)]
pub struct Success<T> {
    status: StatusCode,
    data: T,
}

#[derive(Serialize)]
struct SuccessBody<'a, T> {
    data: &'a T,
}

impl<T> Success<T> {
    /// 200: the request is done, or these are the data that it asked for.
    pub fn ok(data: T) -> Self {
        Self { status: StatusCode::OK, data }
    }

    /// 207: each of the data has a status of its own (RFC 4918 section 13).
    pub fn multi_status(data: T) -> Self {
        Self { status: StatusCode::MULTI_STATUS, data }
    }

    /// Changes the data.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Success<U> {
        Success { status: self.status, data: change(self.data) }
    }

    /// 202: the work has started, and its end is not awaited.
    pub fn accepted(data: T) -> Self {
        Self { status: StatusCode::ACCEPTED, data }
    }
}

/// The result of a handler.
pub trait Output {
    /// The response without its request id.
    fn into_response(self) -> Response<Body>;
}

impl<T: Serialize> Output for Success<T> {
    fn into_response(self) -> Response<Body> {
        json(self.status, &SuccessBody { data: &self.data })
    }
}

/// The response to a request that did not succeed.
pub(crate) fn of_error(error: &HttpError) -> Response<Body> {
    let text = ErrorText::from(error);
    let status = text.code.status();
    let mut response = json(status, &text);
    let headers = response.headers_mut();
    match error {
        HttpError::MethodNotAllowed { allow } => add(headers, header::ALLOW, allow),
        _ if status == StatusCode::SERVICE_UNAVAILABLE => {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        _ => {}
    }
    response
}

/// Adds the request id, by which an operator finds the request in the log.
pub(crate) fn add_request_id(response: &mut Response<Body>, request_id: &str) {
    add(response.headers_mut(), HeaderName::from_static("x-request-id"), request_id);
}

/// Adds a header. A value that no header can have is left out.
pub(crate) fn add(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

/// A response with a body in JSON.
pub(crate) fn json(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    json_text(status, text(body))
}

/// A body in JSON.
pub(crate) fn text(body: &impl Serialize) -> String {
    serde_json::to_string(body).unwrap_or_default()
}

/// A response with a body that is JSON already.
pub(crate) fn json_text(status: StatusCode, body: String) -> Response<Body> {
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}
