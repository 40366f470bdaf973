//! A secret in AWS Secrets Manager.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, timeout::TimeoutConfig};
use aws_sdk_secretsmanager::{Client, error::ProvideErrorMetadata};
use serde::de::DeserializeOwned;
use xzepr_settings::SecretArn;

/// Three attempts fit in [`OPERATION_TIMEOUT`].
const ATTEMPT_TIMEOUT: Duration = Duration::from_millis(1_500);
const OPERATION_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a secret cannot be used. The text has nothing of the secret's content.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SecretError {
    /// Secrets Manager refused or did not respond.
    #[error(
        "{setting}: {arn} cannot be read: {reason} (needs secretsmanager:GetSecretValue, with a key of your own also kms:Decrypt, and in a VPC a route to Secrets Manager)"
    )]
    Unreadable {
        /// The variable.
        setting: &'static str,
        /// The secret.
        arn: String,
        /// The service's error code, or the fault that kept the request from it.
        reason: String,
    },
    /// The secret's JSON lacks a text.
    #[error("{setting}: {arn} must be JSON with the texts {members}")]
    WrongShape {
        /// The variable.
        setting: &'static str,
        /// The secret.
        arn: String,
        /// The names of the texts.
        members: &'static str,
    },
}

/// Reads a secret that is a JSON object, within 5 s. `members` are the names of its texts, for the error. The ARN names the region, and
/// `AWS_ENDPOINT_URL_SECRETS_MANAGER` may name another endpoint. The credentials come from the default chain, which in
/// Lambda returns the role's.
pub async fn read<T: DeserializeOwned>(arn: &SecretArn, members: &'static str) -> Result<T, SecretError> {
    let timeouts = TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(Region::new(arn.region().to_owned()))
        .timeout_config(timeouts)
        .load()
        .await;
    // In a box, because the SDK nests its futures almost as deep as the compiler allows.
    let request = Box::pin(Client::new(&config).get_secret_value().secret_id(arn.to_string()).send());
    let output = request.await;
    let secret = output.map_err(|error| SecretError::Unreadable {
        setting: arn.setting,
        arn: arn.to_string(),
        reason: error.code().map_or_else(|| error.to_string(), str::to_owned),
    })?;
    serde_json::from_str(secret.secret_string().unwrap_or_default()).map_err(|_| SecretError::WrongShape {
        setting: arn.setting,
        arn: arn.to_string(),
        members,
    })
}
