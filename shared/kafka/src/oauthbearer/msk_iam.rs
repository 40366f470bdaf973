//! AWS_MSK_IAM, whose token is a presigned request of the client's IAM identity.
//!
//! <https://docs.aws.amazon.com/msk/latest/developerguide/iam-access-control.html>

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::{BehaviorVersion, Region};
use aws_msk_iam_sasl_signer::generate_auth_token_from_credentials_provider;
use tokio::time::timeout;
use xzepr_telemetry::chain;

use super::{Token, TokenError};

/// Signing sends no request, but reading the credentials may send one.
const CREDENTIALS_TIMEOUT: Duration = Duration::from_secs(4);

/// Signs with the credentials of the default chain, which in Lambda reads the role's from the environment.
pub(super) async fn sign(region: &str) -> Result<Token, TokenError> {
    let region = Region::new(region.to_owned());
    let config = aws_config::defaults(BehaviorVersion::v2026_01_12()).region(region.clone()).load().await;
    let credentials =
        config.credentials_provider().ok_or_else(|| TokenError::Signing("no credentials".to_owned()))?;
    let made = SystemTime::now();
    // In a box, because the SDK nests its futures almost as deep as the compiler allows.
    let signing = Box::pin(generate_auth_token_from_credentials_provider(region, credentials));
    let (token, expires_ms) = timeout(CREDENTIALS_TIMEOUT, signing)
        .await
        .map_err(|_| TokenError::Signing("no credentials in time".to_owned()))?
        .map_err(|error| TokenError::Signing(chain(&error)))?;
    let expires = UNIX_EPOCH + Duration::from_millis(expires_ms.unsigned_abs());
    Ok(Token { text: token.into(), made, expires })
}
