//! What a caller reads: what was created or asked for, or an error that names what to change.

use lambda_http::{
    Body, Response,
    http::{HeaderValue, StatusCode, header},
};
use serde::Serialize;
use xzepr_domain::{Fault, FaultKind, Rejected};
use xzepr_store::StoreError;

use crate::{MAX_BODY_BYTES, error::Error};

/// Seconds after which a caller may try again while the table is not available.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// A response has at most 16 KiB: the errors, the longest of them a second time in the message, and the rest.
const MAX_ERRORS_BYTES: usize = 12 * 1024;

/// The most characters of one error.
const MAX_ERROR_CHARACTERS: usize = 500;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A request that did what it was sent for.
#[derive(Debug)]
pub struct Success<T> {
    /// The status code.
    pub status: StatusCode,
    /// The answer's `data`.
    pub data: T,
}

#[derive(Serialize)]
struct SuccessBody<T> {
    data: T,
}

/// The error body.
#[derive(Serialize)]
struct ErrorBody<'a> {
    error: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    errors: Vec<String>,
    /// The id of what stands in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a str>,
}

pub(crate) fn response<T: Serialize>(result: Result<Success<T>, Error>, request_id: &str) -> Response<Body> {
    let mut response = match result {
        Ok(Success { status, data }) => json(status, &SuccessBody { data }),
        Err(error) => refusal(&error),
    };
    if let Ok(request_id) = HeaderValue::from_str(request_id) {
        response.headers_mut().insert("x-request-id", request_id);
    }
    response
}

fn refusal(error: &Error) -> Response<Body> {
    match error {
        Error::NotFound => plain(StatusCode::NOT_FOUND, "not_found", "There is nothing at this path."),
        Error::MethodNotAllowed { allow } => {
            let message = format!("This path takes {allow} requests only.");
            let mut response = plain(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message);
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
            response
        }
        Error::InvalidParameter { name, rule } => {
            let error = shorten(&format!("{name}: {rule}"));
            let message = format!("The query string has a fault: {error}.");
            let field = shorten(name);
            json(
                StatusCode::BAD_REQUEST,
                &ErrorBody {
                    error: "invalid_parameter",
                    message,
                    field: Some(&field),
                    errors: vec![error],
                    data: None,
                },
            )
        }
        Error::Conflict { code, message, id } => {
            let (errors, message) = (vec![message.clone()], message.clone());
            let body = ErrorBody { error: code, message, field: None, errors, data: id.as_deref() };
            json(StatusCode::CONFLICT, &body)
        }
        Error::BodyTooLarge => plain(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!("The body must have at most {} KiB.", MAX_BODY_BYTES / 1024),
        ),
        Error::NotUtf8 => plain(StatusCode::BAD_REQUEST, "invalid_json", "The body is not UTF-8."),
        Error::InvalidJson(invalid) => {
            plain(StatusCode::BAD_REQUEST, "invalid_json", format!("The body is not valid JSON: {invalid}."))
        }
        Error::InvalidIdempotencyKey(invalid) => plain(
            StatusCode::BAD_REQUEST,
            "invalid_idempotency_key",
            format!("The header Idempotency-Key {invalid}."),
        ),
        Error::UnidentifiedCaller => plain(
            StatusCode::BAD_REQUEST,
            "invalid_idempotency_key",
            "The header Idempotency-Key cannot be used: the API's authorizer does not tell callers apart (it must \
             give a JWT's iss and sub, a principalId, or an IAM identity).",
        ),
        Error::Store(StoreError::KeyReused) => plain(
            StatusCode::UNPROCESSABLE_ENTITY,
            "idempotency_key_reused",
            "The header Idempotency-Key was sent with another request before: a new request takes a new key.",
        ),
        Error::Rejected(rejected) => faults(rejected),
        Error::TimedOut { .. } | Error::Store(StoreError::Unavailable(_)) => {
            let mut response = plain(
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "The registry is not available at the moment; send the request again.",
            );
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
            response
        }
        Error::Store(StoreError::Failed(_)) | Error::Stored(_) => plain(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal_error",
            "The registry failed; its operator finds the cause in the log under the request id.",
        ),
    }
}

fn faults(rejected: &Rejected) -> Response<Body> {
    let first = rejected.faults.first();
    let (status, code) = match first.map(|fault| fault.kind) {
        Some(FaultKind::TooLarge) => (StatusCode::PAYLOAD_TOO_LARGE, "too_large"),
        Some(FaultKind::UnknownReceiver) => (StatusCode::BAD_REQUEST, "unknown_receiver"),
        Some(FaultKind::InvalidSchema) => (StatusCode::BAD_REQUEST, "invalid_schema"),
        Some(FaultKind::PayloadMismatch) => (StatusCode::BAD_REQUEST, "payload_mismatch"),
        Some(FaultKind::PayloadTooComplex) => (StatusCode::BAD_REQUEST, "payload_too_complex"),
        Some(FaultKind::InvalidField) | None => (StatusCode::BAD_REQUEST, "invalid_field"),
    };
    let errors = bounded(rejected.faults.iter().map(Fault::to_string));
    let message = match (errors.first(), rejected.faults.len()) {
        (Some(error), 1) => format!("The body has a fault: {error}."),
        (Some(error), count) => format!("The body has {count} faults, the first: {error}."),
        (None, _) => "The body has a fault.".to_owned(),
    };
    let field = first.map(|fault| fault.field);
    json(status, &ErrorBody { error: code, message, field, errors, data: None })
}

/// As many errors as a response has room for; the last says how many are left out.
fn bounded(errors: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let (count, mut listed, mut bytes) = (errors.len(), Vec::new(), 0);
    for error in errors.map(|error| shorten(&error)) {
        bytes += error.chars().map(escaped_length).sum::<usize>();
        if bytes > MAX_ERRORS_BYTES {
            listed.push(format!("{} more errors", count - listed.len()));
            break;
        }
        listed.push(error);
    }
    listed
}

/// The most bytes that a character takes in JSON.
fn escaped_length(character: char) -> usize {
    match character {
        '"' | '\\' => 2,
        character if character.is_control() => 6,
        character => character.len_utf8(),
    }
}

/// The start of a text that a caller's names may have made long.
fn shorten(text: &str) -> String {
    match text.char_indices().nth(MAX_ERROR_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn plain(status: StatusCode, code: &'static str, message: impl Into<String>) -> Response<Body> {
    let message = message.into();
    let errors = vec![message.clone()];
    json(status, &ErrorBody { error: code, message, field: None, errors, data: None })
}

fn json(status: StatusCode, body: &impl Serialize) -> Response<Body> {
    let body = serde_json::to_string(body).unwrap_or_default();
    let mut response = Response::new(Body::Text(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length(error: &Error) -> usize {
        let Body::Text(body) = refusal(error).into_body() else { panic!("not a text") };
        body.len()
    }

    #[test]
    fn no_response_is_longer_than_16_kib() {
        let fault = |problem: &str| Fault {
            kind: FaultKind::PayloadMismatch,
            field: "payload",
            place: "/\u{1f4a9}".repeat(100),
            problem: problem.to_owned(),
        };
        for problem in ["x".repeat(1_000_000), "\u{7}".repeat(5000), "\"\\".repeat(5000), "é".repeat(5000)] {
            for count in [1, 20, 500] {
                let faults = vec![fault(&problem); count];
                let length = length(&Error::Rejected(Rejected { faults }));
                assert!(length <= 16 * 1024, "{count}: {length}");
            }
        }
        let name = "n".repeat(100_000);
        assert!(length(&Error::InvalidParameter { name: name.clone(), rule: name }) < 4096);
    }

    #[test]
    fn errors_that_are_left_out_are_counted() {
        let errors = bounded((0..500).map(|index| format!("{index}: {}", "x".repeat(100))));
        let listed = errors.len() - 1;
        assert!(listed > 80);
        assert_eq!(errors[listed], format!("{} more errors", 500 - listed));
        assert_eq!(bounded(["a".to_owned()].into_iter()), ["a"]);
    }
}
