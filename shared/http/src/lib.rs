//! HTTP at the edge of a function: routes, the requests that they match, and the responses.
//!
//! An endpoint is a [`Route`] and a handler. The handlers of a function form an [`Api`], from which 404, 405 and the
//! responses to `HEAD` follow. All routes are in [`routes`], and all texts of refusals in `error_texts.rs`.

mod allowed;
mod api;
mod bare;
mod batch_response;
mod caller;
mod change;
mod content_mode;
mod error_code;
mod error_limits;
mod error_texts;
mod http_error;
mod idempotency;
mod input;
mod kept;
mod outcome;
mod parameters;
mod posted_events;
mod response;
mod route;
pub mod routes;
#[cfg(feature = "testing")]
pub mod testing;
mod trace;

pub use api::{Api, RESPOND_WITHIN};
pub use bare::{Bare, EntityTag, IfNoneMatch};
pub use batch_response::{BatchEntry, Created};
pub use caller::Sent;
pub use change::Change;
pub use error_code::ErrorCode;
pub use http_error::{HttpError, Noun};
pub use input::{Command, Input, MAX_BODY_BYTES, NoInput, Query, Read, RoutedRequest};
pub use kept::Kept;
pub use outcome::Stored;
pub use parameters::{MAX_CHARACTERS, Parameters, Times};
pub use posted_events::{MAX_EVENTS, PostedBatch, PostedEvent, PostedEvents};
pub use response::{Output, Success};
pub use route::Route;
