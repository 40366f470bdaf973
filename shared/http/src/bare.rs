//! Responses whose body is not wrapped in `data`, since tools or other registries define its shape.

use lambda_http::{
    Body, Request, Response,
    http::{HeaderMap, HeaderValue, StatusCode, header},
};
use serde::Serialize;

use crate::{
    HttpError, Input, Output, RoutedRequest,
    response::{self, RETRY_AFTER},
};

/// A monitor must see the present, so nothing between it and the API may keep a response.
const NOT_KEPT: HeaderValue = HeaderValue::from_static("no-store");

/// A document changes with a release alone. A caller that has it for longer asks with `If-None-Match`.
const KEPT: HeaderValue = HeaderValue::from_static("max-age=300");

/// A response with a body of its own.
#[derive(Debug)]
pub struct Bare(Response<Body>);

/// The version of a document: a quoted text that no other version has (RFC 9110 section 8.8.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityTag(String);

/// The versions of a document that the caller has already: the header `If-None-Match`.
#[derive(Debug)]
pub struct IfNoneMatch(Option<String>);

impl Bare {
    /// The state of the service. It is 200 if the service can do its work, and 503 with `Retry-After` if it cannot.
    pub fn state(is_able: bool, body: &impl Serialize) -> Self {
        let status = if is_able { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
        let mut response = response::json(status, body);
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, NOT_KEPT);
        if !is_able {
            headers.insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        Self(response)
    }

    /// A document in JSON, or 304 if the caller has this version already.
    pub fn document(text: &str, version: &EntityTag, known: &IfNoneMatch) -> Self {
        let mut response = if known.contains(version) {
            let mut response = Response::new(Body::Empty);
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response
        } else {
            response::json_text(StatusCode::OK, text.to_owned())
        };
        let headers = response.headers_mut();
        headers.insert(header::CACHE_CONTROL, KEPT);
        version.add_to(headers);
        Self(response)
    }
}

impl Output for Bare {
    fn into_response(self) -> Response<Body> {
        self.0
    }
}

impl EntityTag {
    /// The tag of a version that this digest names, such as a hash in hex.
    pub fn of_digest(digest: &str) -> Self {
        Self(format!("\"{digest}\""))
    }

    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        response::add(headers, header::ETAG, &self.0);
    }
}

impl IfNoneMatch {
    /// The header of a request.
    pub(crate) fn of(request: &Request) -> Self {
        let values = request.headers().get_all(header::IF_NONE_MATCH).iter();
        let values: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
        Self((!values.is_empty()).then(|| values.join(",")))
    }

    /// Whether one of the versions is this one, by the weak comparison that RFC 9110 section 13.1.2 demands.
    pub(crate) fn contains(&self, version: &EntityTag) -> bool {
        let known = self.0.as_deref().unwrap_or_default();
        let mut known = known.split(',').map(str::trim);
        known.any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == version.0)
    }
}

impl Input for IfNoneMatch {
    fn from_request(RoutedRequest { request, .. }: RoutedRequest) -> Result<Self, HttpError> {
        Ok(Self::of(&request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_version_is_found_among_others_and_as_a_weak_one() {
        let version = EntityTag::of_digest("ab12");
        let known = |value: &str| IfNoneMatch(Some(value.to_owned())).contains(&version);
        for value in ["\"ab12\"", "W/\"ab12\"", "\"x\", \"ab12\"", "\"x\",W/\"ab12\",\"y\"", "*"] {
            assert!(known(value), "{value}");
        }
        for value in ["", "ab12", "\"ab1\"", "\"AB12\"", "w/\"ab12\"", "\"x\""] {
            assert!(!known(value), "{value}");
        }
        assert!(!IfNoneMatch(None).contains(&version));
    }
}
