//! The reasons for a response other than success.
//!
//! This file has the texts for the log. The texts for the caller are in `error_texts.rs`.

use std::time::Duration;

use xzepr_domain::{InvalidIdempotencyKey, InvalidJson, Rejected};
use xzepr_store::StoreError;

/// A request that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The path is unknown, or the resource that it names.
    #[error("unknown path")]
    NotFound,
    /// Nothing of this kind has the id in the path.
    #[error("no {} has this id", .0.name())]
    UnknownId(Noun),
    /// The path has routes, all of them for other methods.
    #[error("method not allowed")]
    MethodNotAllowed {
        /// The methods of the path, separated by commas.
        allow: String,
    },
    /// A parameter of the query string is missing or invalid.
    #[error("invalid parameter {name}")]
    InvalidParameter {
        /// The parameter.
        name: String,
        /// The rule that it breaks, worded to follow the name.
        rule: String,
    },
    /// A parameter of the query string does not exist. Its name is the caller's text, so it is not in the log.
    #[error("unknown parameter")]
    UnknownParameter {
        /// The parameter.
        name: String,
        /// The rule, worded to follow the name.
        rule: String,
    },
    /// The cursor of a list cannot be followed.
    #[error("invalid cursor")]
    InvalidCursor {
        /// The rule that it breaks, worded to follow the name.
        rule: String,
    },
    /// The limit of running replays is reached.
    #[error("too many replays are running")]
    TooManyReplays,
    /// The replay with this id runs, and their ranges overlap.
    #[error("replay {0} of a part of the range is running")]
    ReplayIsRunning(String),
    /// The replay with this id has ended, so it cannot be cancelled.
    #[error("replay {0} has ended")]
    ReplayHasEnded(String),
    /// The body has more than [`MAX_BODY_BYTES`](crate::MAX_BODY_BYTES).
    #[error("body too large")]
    BodyTooLarge,
    /// A batch has more than [`MAX_EVENTS`](crate::MAX_EVENTS).
    #[error("too many events in a batch")]
    TooManyEvents,
    /// The content type is that of an event format of CloudEvents that is not accepted here.
    #[error("unsupported media type")]
    UnsupportedMediaType,
    /// A batch needs more schemas than may be compiled for one request.
    #[error("too many schemas to compile for one batch")]
    TooManySchemas,
    /// The body is not UTF-8.
    #[error("body is not UTF-8")]
    NotUtf8,
    /// The body is not one unambiguous JSON object.
    #[error("body is not JSON")]
    InvalidJson(#[from] InvalidJson),
    /// The header `Idempotency-Key` has no key, or more than one.
    #[error("invalid Idempotency-Key")]
    InvalidIdempotencyKey(#[from] InvalidIdempotencyKey),
    /// The request has an `Idempotency-Key`, and the API's authorizer does not identify the caller.
    #[error("Idempotency-Key of a caller that the authorizer does not identify")]
    UnidentifiedCaller,
    /// A CloudEvent's source and id are its key, and the API's authorizer does not identify the caller.
    #[error("CloudEvent of a caller that the authorizer does not identify")]
    UnidentifiedSender,
    /// The source and id of a CloudEvent came with another content before.
    #[error("source and id of another CloudEvent")]
    CloudEventReused,
    /// The body has faults.
    #[error("{} faults in the body", .0.faults.len())]
    Rejected(Rejected),
    /// The table did not respond in time. The write has happened as a whole or not at all.
    #[error("no response from the table within {after:?}")]
    TimedOut {
        /// The time that the request had.
        after: Duration,
    },
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A kind of thing that has ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Noun {
    /// An event.
    Event,
    /// An event receiver.
    EventReceiver,
    /// An event receiver group.
    EventReceiverGroup,
}

impl Noun {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::EventReceiver => "event receiver",
            Self::EventReceiverGroup => "event receiver group",
        }
    }
}

impl From<Rejected> for HttpError {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected)
    }
}

impl HttpError {
    /// A parameter of the query string that breaks a rule. The rule is worded to follow the name.
    pub fn invalid_parameter(name: impl Into<String>, rule: impl ToString) -> Self {
        Self::InvalidParameter { name: name.into(), rule: rule.to_string() }
    }

    /// A cursor that breaks a rule. The rule is worded to follow the name, such as "belongs to other filters".
    pub fn invalid_cursor(rule: impl ToString) -> Self {
        Self::InvalidCursor { rule: rule.to_string() }
    }

    /// Whether this side failed.
    pub(crate) fn is_ours(&self) -> bool {
        match self {
            Self::Store(error) => !matches!(error, StoreError::KeyReused | StoreError::ArtifactFull),
            Self::TimedOut { .. } => true,
            _ => false,
        }
    }
}
