//! The errors of compiling a schema and of checking a value.

/// The reason why a schema is refused, worded for its author.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The schema is not JSON, or neither an object nor a boolean.
    #[error("must be a JSON Schema: an object or a boolean")]
    NotASchema,
    /// `$schema` names no draft that is supported.
    #[error("$schema must name draft 4, 6, 7, 2019-09 or 2020-12")]
    UnknownDraft,
    /// A keyword breaks a rule of its draft or of this crate.
    #[error("does not compile: {problem}{}", at(place))]
    DoesNotCompile {
        /// The rule.
        problem: String,
        /// The JSON Pointer to the keyword. It is empty for the whole schema.
        place: String,
    },
}

fn at(place: &str) -> String {
    if place.is_empty() { String::new() } else { format!(" (at {place})") }
}

/// The check of the value against the schema would take more work than one request may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "takes too much work to check: use a smaller payload, or a schema with fewer alternatives and patterns"
)]
pub struct TooMuchWork;
