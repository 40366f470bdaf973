//! Why there is no client for the registry.

use xzepr_secrets::SecretError;

/// Why there is no client for the registry.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AccessError {
    /// The secret cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The text of the CA has no certificate.
    #[error("{0} has no certificate in PEM form")]
    NoCertificate(&'static str),
    /// The HTTP client refuses its options.
    #[error("the client for the schema registry cannot be set up: {0}")]
    Client(String),
}
