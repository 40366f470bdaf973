//! Kafka: one long-lived producer, a batch at a time, and the default topic.

mod config;
mod error;
mod producer;
mod topics;

pub use config::MESSAGE_TIMEOUT;
pub use error::Undelivered;
pub use producer::Producer;
