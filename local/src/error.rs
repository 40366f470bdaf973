//! One error: a sentence that says what went wrong and what to do.

use std::fmt::Display;

/// What went wrong, for the person at the terminal.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Error(String);

/// A result with that error.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error from its sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }
}

/// Says what was being done when something else failed.
pub(crate) trait Context<T> {
    fn context(self, doing: impl Display) -> Result<T>;
}

impl<T, E: Display> Context<T> for std::result::Result<T, E> {
    fn context(self, doing: impl Display) -> Result<T> {
        self.map_err(|error| Error(format!("{doing}: {error}")))
    }
}
