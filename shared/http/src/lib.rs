//! HTTP at the edge of a function: a request becomes a body, a result becomes a response.

mod answer;
mod endpoint;
mod error;
mod idempotency;

pub use answer::Success;
pub use endpoint::{EVENT_RECEIVER_GROUPS, EVENT_RECEIVERS, EVENTS, Endpoint, MAX_BODY_BYTES, answer};
pub use error::Error;
