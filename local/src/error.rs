//! The error of this crate: a sentence that names the fault and the remedy.

use std::fmt::Display;

/// A fault, for the person at the terminal.
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

/// Adds the failed action to an error.
pub trait Context<T> {
    /// Puts the action before the error's own text.
    fn context(self, doing: impl Display) -> Result<T>;
}

impl<T, E: Display> Context<T> for std::result::Result<T, E> {
    fn context(self, doing: impl Display) -> Result<T> {
        self.map_err(|error| Error(format!("{doing}: {error}")))
    }
}
