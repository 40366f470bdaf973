//! API Gateway's own responses, which come from no function.

use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;

/// The reason why the front responds in the place of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum GatewayError {
    /// The token is missing or not valid; the value of `www-authenticate` tells which.
    Unauthorized(HeaderValue),
    /// The token has none of the route's scopes; `www-authenticate` names them.
    Forbidden(HeaderValue),
    /// There is neither a route of the path nor a default route.
    NotFound,
    /// The body has more than 10 MB, or the event more than Lambda's 6 MB.
    TooLarge,
    /// The route has more requests than the stage allows.
    TooManyRequests,
    /// The function failed, or returned a malformed response.
    Internal,
    /// The function has not responded in the time of the integration.
    Unavailable,
}

impl IntoResponse for GatewayError {
    fn into_response(self) -> Response {
        let (status, message, challenge) = match self {
            Self::Unauthorized(challenge) => (StatusCode::UNAUTHORIZED, "Unauthorized", Some(challenge)),
            Self::Forbidden(challenge) => (StatusCode::FORBIDDEN, "Forbidden", Some(challenge)),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not Found", None),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large", None),
            Self::TooManyRequests => (StatusCode::TOO_MANY_REQUESTS, "Too Many Requests", None),
            Self::Internal => (StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error", None),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable", None),
        };
        let mut response = (status, Json(json!({"message": message}))).into_response();
        if let Some(challenge) = challenge {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}
