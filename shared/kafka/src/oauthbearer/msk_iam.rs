//! AWS_MSK_IAM: the token is a presigned request of the client's IAM identity.
//!
//! <https://docs.aws.amazon.com/msk/latest/developerguide/iam-access-control.html>

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::{BehaviorVersion, Region};
use aws_msk_iam_sasl_signer::generate_auth_token_from_credentials_provider;

use xzepr_telemetry::chain;

use super::{Token, TokenError};

/// Signs with the default chain's credentials, which in Lambda are the role's, from the environment.
pub(super) async fn sign(region: &str) -> Result<Token, TokenError> {
    let region = Region::new(region.to_owned());
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12()).region(region.clone()).load().await;
    let credentials =
        config.credentials_provider().ok_or_else(|| TokenError::Signing("no credentials".to_owned()))?;
    let made = SystemTime::now();
    let (token, expires_ms) = generate_auth_token_from_credentials_provider(region, credentials)
        .await
        .map_err(|error| TokenError::Signing(chain(&error)))?;
    let expires = UNIX_EPOCH + Duration::from_millis(expires_ms.unsigned_abs());
    Ok(Token { text: token.into(), made, expires })
}
