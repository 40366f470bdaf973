//! The response to a request.

use serde::Serialize;
use xzepr_store::{DeadLetter, DeadLetterState};

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Response {
    List {
        /// The oldest dead letters, as many as fit in a response.
        dead_letters: Vec<Listed>,
        /// The number of all dead letters.
        count: usize,
    },
    Retried(Retried),
    Dropped {
        dropped: usize,
    },
}

/// A dead letter, with the key that a request names it by.
#[derive(Debug, Serialize)]
pub(crate) struct Listed {
    key: String,
    /// The route whose message could not be published. It is absent if the item contains no event.
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<String>,
    #[serde(flatten)]
    dead_letter: DeadLetter,
}

impl From<DeadLetter> for Listed {
    fn from(dead_letter: DeadLetter) -> Self {
        let (_, route) = dead_letter.item();
        Self { key: dead_letter.key().to_string(), route: route.map(|route| route.to_string()), dead_letter }
    }
}

/// The number of dead letters with each result of a retry.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Retried {
    /// They are on their topic, and no longer dead letters.
    pub(crate) published: usize,
    /// Their events have no message in the configured format, and they are no longer dead letters.
    pub(crate) skipped: usize,
    /// No route matches their events, and they are no longer dead letters.
    pub(crate) unrouted: usize,
    /// They failed permanently again, and wait for their next attempt.
    pub(crate) waiting: usize,
    /// They failed permanently at their last attempt, or their items are missing.
    pub(crate) parked: usize,
    /// They are unchanged, because Kafka or a table was unavailable, or because the time was over.
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
