//! Tokens for the wire mechanism OAUTHBEARER, which AWS_MSK_IAM uses as well.
//!
//! librdkafka requests a new token from a timer. The timer fires too late in a process that was frozen for longer than
//! the token lives, and rdkafka's admin client ignores the request. So the function's own async code makes a token
//! before it is needed, and sets it on the client.

mod client_credentials;
mod msk_iam;

use std::{
    ffi::CString,
    time::{SystemTime, UNIX_EPOCH},
};

use rdkafka::{ClientContext, client::Client};
use xzepr_secrets::PasswordLogin;
use xzepr_settings::{ExposeSecret, Sasl, SecretString};

use crate::librdkafka;

/// A login token and its life.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) text: SecretString,
    made: SystemTime,
    expires: SystemTime,
}

/// Why there is no token. A secret is never in the text.
#[derive(Debug, Clone, thiserror::Error)]
pub enum TokenError {
    /// There are no AWS credentials, or they could not sign.
    #[error("AWS_MSK_IAM: no token can be signed: {0}")]
    Signing(String),
    /// The token endpoint could not be reached, or returned no token.
    #[error("XZEPR_KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT: {0}")]
    Endpoint(String),
    /// The token endpoint refused.
    #[error(
        "XZEPR_KAFKA_SASL_OAUTHBEARER_TOKEN_ENDPOINT returned {status}: {error} (client id, client secret, scope)"
    )]
    Refused {
        /// The HTTP status.
        status: u16,
        /// The error code of RFC 6749, section 5.2.
        error: String,
    },
    /// librdkafka refuses the token.
    #[error("librdkafka refuses the token: {0}")]
    NotAccepted(String),
}

impl Token {
    /// Whether more than a fifth of its life is left. librdkafka renews tokens at the same time.
    pub(crate) fn is_fresh(&self, now: SystemTime) -> bool {
        let life = self.expires.duration_since(self.made).unwrap_or_default();
        self.expires.duration_since(now).is_ok_and(|left| left > life / 5)
    }

    /// Makes a client log in with the token from now on.
    pub(crate) fn set_on<C: ClientContext>(&self, client: &Client<C>) -> Result<(), TokenError> {
        let text = CString::new(self.text.expose_secret())
            .map_err(|_| TokenError::NotAccepted("it has a zero byte".to_owned()))?;
        let expires = self.expires.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let expires_ms = i64::try_from(expires).unwrap_or(i64::MAX);
        librdkafka::set_token(client, &text, expires_ms).map_err(TokenError::NotAccepted)
    }
}

/// Makes a token for a mechanism that logs in with one. `None` for the others.
pub(crate) async fn new_token(
    sasl: &Sasl,
    login: Option<&PasswordLogin>,
) -> Result<Option<Token>, TokenError> {
    match (sasl, login) {
        (Sasl::MskIam { region }, _) => msk_iam::sign(region).await.map(Some),
        (Sasl::OauthBearer { token_endpoint, scope, .. }, Some(client)) => {
            client_credentials::request(token_endpoint, client, scope.as_deref()).await.map(Some)
        }
        _ => Ok(None),
    }
}
