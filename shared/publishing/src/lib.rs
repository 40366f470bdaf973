//! From event items to Kafka: one way for the stream, for replays and for dead letters.
//!
//! A [`Publication`] is an item that has to be published. [`Publish::publish`] makes the messages, sends them, and
//! returns one [`Outcome`] for each item. An item that can never be published becomes a dead letter. Every other
//! failure is the caller's to retry.

mod acknowledged;
mod judgement;
mod outcome;
mod publication;
mod publisher;
mod shutdown;
mod time;

pub use outcome::{Failure, Outcome};
pub use publication::Publication;
pub use publisher::{AddDeadLetters, Publish, Publisher, SendMessages};
pub use shutdown::stop_with_the_process;
pub use time::{time_left, time_left_or};
