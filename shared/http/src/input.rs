//! The part of a request that a handler works on.

use std::str::FromStr;

use lambda_http::{Body, Request, RequestExt, aws_lambda_events::query_map::QueryMap};
use xzepr_domain::{CreatedBy, Idempotency, InvalidId, Traceparent};

use crate::{HttpError, IfNoneMatch, caller::created_by, idempotency, trace};

/// The most bytes of a request's body.
pub const MAX_BODY_BYTES: usize = 512 * 1024;

/// The argument of a handler. The handler chooses it by its argument's type:
///
/// - [`Command`]: the body and the `Idempotency-Key`
/// - [`PostedEvents`](crate::PostedEvents), [`PostedBatch`](crate::PostedBatch): events in their content modes
/// - [`Query`]: the query string
/// - [`IfNoneMatch`](crate::IfNoneMatch): the versions that the caller has already
/// - an id, such as `ReplayId`: the path's `{id}`
/// - [`Read`]: an id, the query string, and the versions that the caller has already
/// - [`Sent`](crate::Sent): one of these, and the sender of the request
///
/// [`NoInput`] reads nothing.
pub trait Input: Sized {
    /// Reads it from a request.
    fn from_request(request: RoutedRequest) -> Result<Self, HttpError>;
}

/// A request whose path and method have an endpoint.
#[derive(Debug)]
pub struct RoutedRequest {
    pub(crate) request: Request,
    /// The path as the route's first path spells it.
    pub(crate) path: String,
    /// The segment in the place of `{id}`.
    pub(crate) id: Option<String>,
}

/// A request that stores or changes something.
#[derive(Debug)]
pub struct Command {
    /// The body, at most [`MAX_BODY_BYTES`].
    pub body: String,
    /// The header `Idempotency-Key`, if the request has it.
    pub idempotency: Option<Idempotency>,
    /// The sender, if an authorizer identifies one.
    pub created_by: Option<CreatedBy>,
    /// The trace that the request belongs to, if it has one.
    pub traceparent: Option<Traceparent>,
}

/// The parameters of the query string.
#[derive(Debug)]
pub struct Query(pub QueryMap);

/// A request for the thing that the path's `{id}` names.
#[derive(Debug)]
pub struct Read<Id> {
    /// The id.
    pub id: Id,
    /// The query string.
    pub query: Query,
    /// The versions that the caller has already.
    pub known: IfNoneMatch,
}

/// Nothing of the request.
#[derive(Debug)]
pub struct NoInput;

impl Input for NoInput {
    fn from_request(_: RoutedRequest) -> Result<Self, HttpError> {
        Ok(Self)
    }
}

impl Input for Command {
    fn from_request(RoutedRequest { request, path, .. }: RoutedRequest) -> Result<Self, HttpError> {
        let (parts, body) = request.into_parts();
        let body = text_of(body)?;
        let idempotency = idempotency::of(&parts, &path, &body)?;
        Ok(Self { body, idempotency, created_by: created_by(&parts), traceparent: trace::of(&parts) })
    }
}

/// The text of a body. API Gateway sends a body as Base64 or as text, by its content type.
pub(crate) fn text_of(body: Body) -> Result<String, HttpError> {
    if body.len() > MAX_BODY_BYTES {
        return Err(HttpError::BodyTooLarge);
    }
    match body {
        Body::Text(text) => Ok(text),
        Body::Binary(bytes) => String::from_utf8(bytes).map_err(|_| HttpError::NotUtf8),
        _ => Ok(String::new()),
    }
}

impl Input for Query {
    fn from_request(RoutedRequest { request, .. }: RoutedRequest) -> Result<Self, HttpError> {
        Ok(Self(request.query_string_parameters()))
    }
}

impl<Id: FromStr<Err = InvalidId>> Input for Read<Id> {
    fn from_request(routed: RoutedRequest) -> Result<Self, HttpError> {
        let query = Query(routed.request.query_string_parameters());
        let known = IfNoneMatch::of(&routed.request);
        Ok(Self { id: Id::from_request(routed)?, query, known })
    }
}

impl<Id: FromStr<Err = InvalidId>> Input for Id {
    /// The route has matched, so a path without an id is a route without one.
    fn from_request(RoutedRequest { id, .. }: RoutedRequest) -> Result<Self, HttpError> {
        id.and_then(|id| id.parse().ok()).ok_or(HttpError::NotFound)
    }
}
