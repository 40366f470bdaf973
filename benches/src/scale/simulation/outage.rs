//! A time in which invocations fail.

use super::batch::Outcome;

/// How an invocation fails in an outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// It waits, and then names its first record, as publish-events does without Kafka. An invocation that waits when the
    /// outage ends is successful.
    Waits,
    /// It ends in an error, so that its batch is split.
    Error,
}

/// A time in which invocations fail.
#[derive(Debug, Clone, Copy)]
pub struct Outage {
    /// The first moment.
    pub from: u64,
    /// The first moment after it.
    pub to: u64,
    /// How long an invocation tries.
    pub attempt: u64,
    /// How it fails.
    pub failure: Failure,
}

impl Outage {
    /// The end and the outcome of an invocation that begins now and would take this time.
    pub(super) fn end(&self, now: u64, duration: u64) -> (u64, Outcome) {
        if now < self.from || now >= self.to {
            return (now + duration, Outcome::Accepted);
        }
        match self.failure {
            Failure::Waits if now + self.attempt >= self.to => (self.to + duration, Outcome::Accepted),
            Failure::Waits => (now + self.attempt, Outcome::FailedAtFirst),
            Failure::Error => (now + self.attempt, Outcome::Error),
        }
    }
}
