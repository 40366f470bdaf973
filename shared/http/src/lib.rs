//! HTTP at the edge of a create function: a request becomes a body, a result becomes a response.

mod answer;
mod endpoint;
mod error;
mod idempotency;

pub use endpoint::{EVENT_RECEIVER_GROUPS, EVENT_RECEIVERS, EVENTS, Endpoint, MAX_BODY_BYTES};
pub use error::Error;
