//! The values of the keyword `format` that are checked.

/// A format of strings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {}
