//! Why a schema has no id.

/// Why a schema has no id. The text contains no secret, and of the schema only the parts that the registry's own words
/// quote.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// The registry could not do it. A later attempt may succeed with the same schema.
    #[error("the schema registry {fault} (check {settings})")]
    Unavailable {
        /// The fault, as the end of a sentence about the registry.
        fault: String,
        /// The settings that it may come from.
        settings: &'static str,
        /// Whether requests about other subjects would fail as well.
        concerns_every_subject: bool,
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

impl SchemaError {
    /// The error if there is no time left for a response.
    pub fn too_slow() -> Self {
        Self::Unavailable {
            fault: "did not respond in the time of the batch".to_owned(),
            settings: "XZEPR_SCHEMA_REGISTRY_URL",
            concerns_every_subject: true,
        }
    }

    /// Whether requests about other subjects would fail as well.
    pub fn concerns_every_subject(&self) -> bool {
        matches!(self, Self::Unavailable { concerns_every_subject: true, .. })
    }
}
