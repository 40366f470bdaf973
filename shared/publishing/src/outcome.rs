//! The result of a publication.

use std::{fmt, sync::Arc};

use xzepr_kafka::Undelivered;
use xzepr_schema_registry::SchemaError;
use xzepr_store::{DeadLetterState, StoreError};

use crate::record::NotNow;

/// The result of a publication.
#[derive(Debug)]
pub enum Outcome {
    /// Each message is on its topic.
    Published,
    /// A route matches, but the event has no message in the route's format. So nothing is sent.
    Skipped,
    /// No route matches, so nothing is sent.
    Unrouted,
    /// It can never be published. Its own dead letter is stored: that of the item, or of the route of a publication
    /// that takes one route.
    DeadLettered(DeadLetterState),
    /// Some of its messages can never be published. Each has a dead letter of its route. The others are on their topics.
    RoutesDeadLettered,
    /// None of these. The caller must retry.
    Failed(Failure),
}

/// The reason why a publication needs a retry.
#[derive(Debug)]
pub enum Failure {
    /// Kafka did not accept the message.
    Undelivered(Undelivered),
    /// The receivers that the messages contain could not be read.
    ReceiversNotRead(Arc<StoreError>),
    /// The schema of a message has no id.
    SchemaWithoutId(SchemaError),
    /// The item can never be published, and its dead letter could not be stored.
    DeadLetterNotStored(StoreError),
}

impl Failure {
    /// The class of the failure, for metrics.
    pub fn class(&self) -> &'static str {
        match self {
            Self::Undelivered(error) => error.class(),
            Self::ReceiversNotRead(_) | Self::DeadLetterNotStored(_) => "table",
            Self::SchemaWithoutId(_) => "schema_registry",
        }
    }
}

impl From<NotNow> for Failure {
    fn from(reason: NotNow) -> Self {
        match reason {
            NotNow::Receivers(error) => Self::ReceiversNotRead(error),
            NotNow::Schema(error) => Self::SchemaWithoutId(error),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undelivered(error) => error.fmt(f),
            Self::ReceiversNotRead(error) => write!(f, "its receiver could not be read: {error}"),
            Self::SchemaWithoutId(error) => error.fmt(f),
            Self::DeadLetterNotStored(error) => write!(f, "its dead letter could not be stored: {error}"),
        }
    }
}

/// The result of one record of a publication.
#[derive(Debug)]
pub(crate) enum RecordOutcome {
    Published,
    Skipped,
    /// The dead letter is that of the publication itself, or of a route of it.
    DeadLettered {
        state: DeadLetterState,
        is_own: bool,
    },
    Failed(Failure),
}

impl Outcome {
    /// The outcome of a publication with these records. Any failure is one of the publication.
    pub(crate) fn of(records: impl IntoIterator<Item = RecordOutcome>) -> Self {
        records.into_iter().fold(Self::Unrouted, |outcome, record| match (outcome, record) {
            (Self::Failed(failure), _) | (_, RecordOutcome::Failed(failure)) => Self::Failed(failure),
            (_, RecordOutcome::DeadLettered { state, is_own: true }) => Self::DeadLettered(state),
            (outcome @ Self::DeadLettered(_), _) => outcome,
            (_, RecordOutcome::DeadLettered { .. }) | (Self::RoutesDeadLettered, _) => {
                Self::RoutesDeadLettered
            }
            (_, RecordOutcome::Published) | (Self::Published, _) => Self::Published,
            (_, RecordOutcome::Skipped) => Self::Skipped,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_record_decides_the_outcome_of_its_publication() {
        use RecordOutcome::{Published, Skipped};
        let of_route = || RecordOutcome::DeadLettered { state: DeadLetterState::Waiting, is_own: false };
        let own = || RecordOutcome::DeadLettered { state: DeadLetterState::Parked, is_own: true };
        let failed = || RecordOutcome::Failed(Failure::Undelivered(Undelivered::OutOfTime));
        assert!(matches!(Outcome::of([]), Outcome::Unrouted));
        assert!(matches!(Outcome::of([Skipped]), Outcome::Skipped));
        assert!(matches!(Outcome::of([Published, Skipped]), Outcome::Published));
        assert!(matches!(Outcome::of([Skipped, Published]), Outcome::Published));
        assert!(matches!(Outcome::of([of_route(), Published]), Outcome::RoutesDeadLettered));
        assert!(matches!(Outcome::of([Published, of_route(), Skipped]), Outcome::RoutesDeadLettered));
        assert!(matches!(Outcome::of([own()]), Outcome::DeadLettered(DeadLetterState::Parked)));
        assert!(matches!(Outcome::of([of_route(), failed(), Published]), Outcome::Failed(_)));
    }
}
