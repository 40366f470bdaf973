//! Why there is no client for the cluster.

use rdkafka::error::KafkaError;
use xzepr_secrets::SecretError;

use crate::{certificates::UnusableCertificates, oauthbearer::TokenError};

/// Why there is no client for the cluster.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AccessError {
    /// A secret cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Certificates or keys that cannot work.
    #[error(transparent)]
    Certificates(#[from] UnusableCertificates),
    /// There is no login token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// librdkafka refuses its properties.
    #[error("librdkafka cannot be set up: {0}")]
    Client(#[from] KafkaError),
}
