//! HTTP at the edge of a function: routes, the requests that they match, and the responses.
//!
//! An endpoint is a [`Route`] and a handler. The handlers of a function form an [`Api`], from which 404, 405 and the
//! responses to `HEAD` follow. All routes are in [`routes`], and all texts of refusals in `error_texts.rs`.

mod api;
mod error_limits;
mod error_texts;
mod http_error;
mod idempotency;
mod input;
mod response;
mod route;
pub mod routes;
#[cfg(feature = "testing")]
pub mod testing;

pub use api::Api;
pub use http_error::HttpError;
pub use input::{Command, Input, MAX_BODY_BYTES, Query, RoutedRequest};
pub use response::Success;
pub use route::Route;
