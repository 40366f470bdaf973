//! The OpenAPI document of the API.

use sha2::{Digest, Sha256};
use xzepr_http::{Bare, EntityTag, IfNoneMatch};

/// The document as it is in the repository.
const TEXT: &str = include_str!("../../../docs/openapi.json");

/// The document with its version.
pub(crate) struct Document {
    version: EntityTag,
}

impl Document {
    pub(crate) fn new() -> Self {
        let digest = Sha256::digest(TEXT);
        let hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        Self { version: EntityTag::of_digest(&hex) }
    }

    /// The document, unless the caller has this version already.
    pub(crate) fn unless_known(&self, known: &IfNoneMatch) -> Bare {
        Bare::document(TEXT, &self.version, known)
    }
}
