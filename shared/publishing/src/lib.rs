//! From event items to Kafka: one way for the stream, for replays and for dead letters.
//!
//! A [`Publication`] is an item on its way, [`Publisher::publish`] sends many and says of each what became
//! of it. What can never be published becomes a dead letter; everything else that fails is for the caller
//! to try again.

mod acknowledged;
mod publication;
mod publisher;
mod shutdown;
mod time;

pub use publication::Publication;
pub use publisher::{Failure, Outcome, Publisher};
pub use shutdown::stop_with_the_process;
pub use time::{time_left, time_left_or};
