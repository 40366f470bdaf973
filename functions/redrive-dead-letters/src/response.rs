//! The response to a request.

use serde::Serialize;
use xzepr_store::{DeadLetter, DeadLetterState};

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Response {
    List {
        /// As many as fit in a response.
        dead_letters: Vec<Listed>,
        /// How many there are.
        count: usize,
    },
    Retried(Retried),
    Dropped {
        dropped: usize,
    },
}

/// A dead letter, with the key by which a request names it.
#[derive(Debug, Serialize)]
pub(crate) struct Listed {
    key: String,
    #[serde(flatten)]
    dead_letter: DeadLetter,
}

impl From<DeadLetter> for Listed {
    fn from(dead_letter: DeadLetter) -> Self {
        Self { key: dead_letter.key().to_string(), dead_letter }
    }
}

/// The results of a retry: how many dead letters had each.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Retried {
    /// On their topic, and no longer dead letters.
    pub(crate) published: usize,
    /// Failed for a lasting reason again. They wait for their next attempt.
    pub(crate) waiting: usize,
    /// Failed for a lasting reason too often.
    pub(crate) parked: usize,
    /// Unchanged, because Kafka or the table was unavailable.
    pub(crate) failed: usize,
}

impl Retried {
    pub(crate) fn add(&mut self, state: DeadLetterState) {
        match state {
            DeadLetterState::Waiting => self.waiting += 1,
            DeadLetterState::Parked => self.parked += 1,
            DeadLetterState::Dropped => {}
        }
    }
}
