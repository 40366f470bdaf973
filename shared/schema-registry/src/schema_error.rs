//! Why a schema has no id.

/// Why a schema has no id. The text contains neither the schema nor a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The registry could not do it. A later attempt may succeed with the same schema.
    #[error("the schema registry {fault} (check {settings})")]
    Unavailable {
        /// The fault, as the end of a sentence about the registry.
        fault: String,
        /// The settings that it may come from.
        settings: &'static str,
    },
    /// The registry will not have this schema under this subject.
    #[error("the schema registry refuses the schema of the subject {subject}: {message}")]
    Refused {
        /// The subject.
        subject: String,
        /// The registry's own words, at most 1,000 characters.
        message: String,
    },
}
