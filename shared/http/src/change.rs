//! A request that changes something.

use std::str::FromStr;

use xzepr_domain::{CreatedBy, InvalidId, Traceparent};

use crate::{HttpError, Input, RoutedRequest, caller::created_by, input::text_of, trace};

/// A request that changes the thing that the path's `{id}` names. It has no `Idempotency-Key`: it names a state, so the
/// same request again changes nothing.
#[derive(Debug)]
pub struct Change<Id> {
    /// The id.
    pub id: Id,
    /// The body, at most [`MAX_BODY_BYTES`](crate::MAX_BODY_BYTES).
    pub body: String,
    /// The sender, if an authorizer identifies one.
    pub created_by: Option<CreatedBy>,
    /// The trace that the request belongs to, if it has one.
    pub traceparent: Option<Traceparent>,
}

impl<Id: FromStr<Err = InvalidId>> Input for Change<Id> {
    fn from_request(RoutedRequest { request, id, .. }: RoutedRequest) -> Result<Self, HttpError> {
        let id = id.and_then(|id| id.parse().ok()).ok_or(HttpError::NotFound)?;
        let (parts, body) = request.into_parts();
        Ok(Self { id, body: text_of(body)?, created_by: created_by(&parts), traceparent: trace::of(&parts) })
    }
}
