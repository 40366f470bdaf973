//! The result of a publication.

use std::{fmt, sync::Arc};

use xzepr_kafka::Undelivered;
use xzepr_store::{DeadLetterState, StoreError};

/// The result of a publication.
#[derive(Debug)]
pub enum Outcome {
    /// The message is on its topic.
    Published,
    /// The event has no message in the configured format, so nothing is sent.
    Skipped,
    /// The item can never be published. It is a dead letter.
    DeadLettered(DeadLetterState),
    /// Neither. The caller must retry.
    Failed(Failure),
}

/// The reason why a publication needs a retry.
#[derive(Debug)]
pub enum Failure {
    /// Kafka did not accept the message.
    Undelivered(Undelivered),
    /// The receivers that the messages contain could not be read.
    ReceiversNotRead(Arc<StoreError>),
    /// The item can never be published, and its dead letter could not be stored.
    DeadLetterNotStored(StoreError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undelivered(error) => error.fmt(f),
            Self::ReceiversNotRead(error) => write!(f, "its receiver could not be read: {error}"),
            Self::DeadLetterNotStored(error) => write!(f, "its dead letter could not be stored: {error}"),
        }
    }
}
