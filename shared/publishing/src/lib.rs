//! From event items to Kafka. The stream, replays and the redrive of dead letters all go this way.
//!
//! A [`Publication`] is an item that must be published. [`Publish::publish`] makes a message for each route that matches,
//! sends them, and returns one [`Outcome`] for each item. An item or a message that can never be published becomes a dead
//! letter. Every other failure must be retried by the caller.

mod outcome;
mod permanence;
mod publication;
mod publisher;
mod receivers;
mod record;
mod schemas;
mod settled;
mod shutdown;
mod time;
mod traces;

pub use outcome::{Failure, Outcome};
pub use publication::Publication;
pub use publisher::{AddDeadLetters, Publish, Publisher, PublisherError, SendMessages};
pub use receivers::{ReadReceivers, Receivers};
pub use schemas::FindSchemaIds;
pub use shutdown::stop_with_the_process;
pub use time::{time_left, time_left_or};
pub use xzepr_kafka::Undelivered;
