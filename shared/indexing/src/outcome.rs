//! The result of indexing an event.

use std::sync::Arc;

use xzepr_store::StoreError;

/// The result of indexing an event.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// Its search items are written, and its gates are evaluated.
    Indexed,
    /// It can never be indexed as a whole. The indexer has logged it.
    Unindexed(Failure),
    /// The caller must try it again.
    Failed(Failure),
}

/// The reason why an event is not indexed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// A table failed.
    #[error(transparent)]
    Store(Arc<StoreError>),
    /// The gate or the ledger of the artifact changed before each commit.
    #[error("its gate changes too often")]
    Contended,
    /// There was no time left.
    #[error("no time was left")]
    OutOfTime,
    /// An earlier event failed that comes before it: one of its artifact, or one in the order of the search items.
    #[error("an earlier event failed")]
    Behind,
}

impl Failure {
    /// Whether another attempt would fail too, and only for events like this one. A missing table or right is none of
    /// these, since all events wait for an operator then.
    pub(crate) fn is_permanent(&self) -> bool {
        match self {
            Self::Store(error) => matches!(**error, StoreError::InvalidItem(_) | StoreError::ArtifactFull),
            Self::Contended | Self::OutOfTime | Self::Behind => false,
        }
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<Failure> for Outcome {
    fn from(failure: Failure) -> Self {
        if failure.is_permanent() { Self::Unindexed(failure) } else { Self::Failed(failure) }
    }
}

impl<T> From<Result<T, Failure>> for Outcome {
    fn from(result: Result<T, Failure>) -> Self {
        result.map_or_else(Self::from, |_| Self::Indexed)
    }
}

impl Outcome {
    /// The worse one of two. A failure that another attempt may end is the worst, since the event must be sent again.
    pub(crate) fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Failed(failure), _) | (_, Self::Failed(failure)) => Self::Failed(failure),
            (Self::Unindexed(failure), _) | (_, Self::Unindexed(failure)) => Self::Unindexed(failure),
            (Self::Indexed, Self::Indexed) => Self::Indexed,
        }
    }
}
