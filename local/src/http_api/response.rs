//! A function's response as HTTP, in payload format 2.0:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;

use super::connection;

/// The largest response of a function: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
const MAX_RESPONSE_BYTES: usize = 6 * 1024 * 1024;

/// A response that Lambda does not pass on, or that API Gateway cannot turn into HTTP.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("the response has more than Lambda's 6 MB")]
    TooLarge,
    #[error("the response is not JSON")]
    NotJson,
    #[error("the response has a member of a wrong type")]
    WrongType,
    #[error("the status code is not one of HTTP")]
    StatusCode,
    #[error("a header is not one of HTTP")]
    Header,
    #[error("the body is not Base64")]
    NotBase64,
}

/// The members that API Gateway reads. Format 2.0 has no `multiValueHeaders`: neither has the documentation one, nor do
/// `lambda_http` and the local API of AWS SAM know it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Format2 {
    status_code: Value,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(default)]
    cookies: Option<Vec<String>>,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: Option<bool>,
}

/// The HTTP response from a function's JSON.
pub(super) fn of_function(returned: &[u8]) -> Result<Response, Malformed> {
    if returned.len() > MAX_RESPONSE_BYTES {
        return Err(Malformed::TooLarge);
    }
    let value: Value = serde_json::from_slice(returned).map_err(|_| Malformed::NotJson)?;
    if value.get("statusCode").is_none() {
        return Ok(inferred(value));
    }
    let Format2 { status_code, headers, cookies, body, is_base64_encoded } =
        serde_json::from_value(value).map_err(|_| Malformed::WrongType)?;
    let body = body.unwrap_or_default();
    let body = match is_base64_encoded {
        Some(true) => STANDARD.decode(body).map_err(|_| Malformed::NotBase64)?,
        _ => body.into_bytes(),
    };
    let mut all = HeaderMap::new();
    if !body.is_empty() {
        all.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    }
    for (name, value) in headers.unwrap_or_default() {
        let name = HeaderName::try_from(name).map_err(|_| Malformed::Header)?;
        all.insert(name, HeaderValue::try_from(text(value)?).map_err(|_| Malformed::Header)?);
    }
    connection::remove_headers(&mut all);
    for cookie in cookies.unwrap_or_default() {
        all.append(header::SET_COOKIE, HeaderValue::try_from(cookie).map_err(|_| Malformed::Header)?);
    }
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status(&status_code)?;
    *response.headers_mut() = all;
    Ok(response)
}

/// The response to JSON without a status code: it is the body. A string is the body as it is.
fn inferred(value: Value) -> Response {
    let body = match value {
        Value::String(text) => text,
        other => other.to_string(),
    };
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// A status code, also as text. A final response has no status below 200.
fn status(value: &Value) -> Result<StatusCode, Malformed> {
    let number = match value {
        Value::String(text) => text.parse().ok(),
        number => number.as_u64().and_then(|number| u16::try_from(number).ok()),
    };
    let status = number.filter(|status| (200..600).contains(status));
    status.and_then(|status| StatusCode::from_u16(status).ok()).ok_or(Malformed::StatusCode)
}

fn text(value: Value) -> Result<String, Malformed> {
    match value {
        Value::String(text) => Ok(text),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err(Malformed::WrongType),
    }
}
