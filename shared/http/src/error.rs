//! Why a request gets no 200. What the caller reads is in `answer`; what the log reads is here.

use std::time::Duration;

use xzepr_domain::{InvalidIdempotencyKey, InvalidJson, Rejected};
use xzepr_store::StoreError;

/// Everything that can keep a request from a 200.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The path is none of the function's.
    #[error("unknown path")]
    NotFound,
    /// Not a method of the path.
    #[error("method not allowed")]
    MethodNotAllowed {
        /// The path's methods.
        allow: &'static str,
    },
    /// A parameter of the query string is missing or wrong.
    #[error("invalid parameter {name}")]
    InvalidParameter {
        /// The parameter.
        name: String,
        /// What it must be.
        rule: String,
    },
    /// What is asked for does not go with what there is.
    #[error("{code}")]
    Conflict {
        /// Names the case.
        code: &'static str,
        /// For the caller.
        message: String,
        /// What there is.
        id: Option<String>,
    },
    /// More bytes than [`MAX_BODY_BYTES`](crate::MAX_BODY_BYTES).
    #[error("body too large")]
    BodyTooLarge,
    /// The body is not UTF-8.
    #[error("body is not UTF-8")]
    NotUtf8,
    /// The body is not one unambiguous JSON object.
    #[error("body is not JSON")]
    InvalidJson(#[from] InvalidJson),
    /// The header is there, and is no key.
    #[error("invalid Idempotency-Key")]
    InvalidIdempotencyKey(#[from] InvalidIdempotencyKey),
    /// The header is there, and the API's authorizer does not say whose key it is.
    #[error("Idempotency-Key of a caller that the authorizer does not identify")]
    UnidentifiedCaller,
    /// The body has faults.
    #[error("{} faults in the body", .0.faults.len())]
    Rejected(Rejected),
    /// The table did not answer in time; the write may or may not have happened, as a whole.
    #[error("no answer from the table within {after:?}")]
    TimedOut {
        /// The time that the request had.
        after: Duration,
    },
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is stored breaks a rule that it obeyed when it was accepted.
    #[error("a stored item is wrong: {0}")]
    Stored(String),
}

impl From<Rejected> for Error {
    fn from(rejected: Rejected) -> Self {
        Self::Rejected(rejected)
    }
}

impl Error {
    /// One line a failure: ours as an error, the caller's as information, never with the body.
    pub(crate) fn log(&self) {
        match self {
            Self::Store(StoreError::KeyReused) => tracing::info!("refused: {self}"),
            Self::TimedOut { .. } | Self::Store(_) | Self::Stored(_) => tracing::error!("{self}"),
            Self::Rejected(rejected) => {
                let fields: Vec<_> = rejected.faults.iter().map(|fault| fault.field).collect();
                tracing::info!(?fields, "refused: {self}");
            }
            _ => tracing::info!("refused: {self}"),
        }
    }
}
