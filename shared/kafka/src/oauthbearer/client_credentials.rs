//! OAuth 2.0's client credentials grant, RFC 6749, section 4.4.

use std::time::{Duration, SystemTime};

use reqwest::Url;
use serde::Deserialize;
use url::form_urlencoded;
use xzepr_secrets::PasswordLogin;
use xzepr_settings::ExposeSecret;
use xzepr_telemetry::chain;

use super::{Token, TokenError};

const ENDPOINT_TIMEOUT: Duration = Duration::from_secs(4);

/// A longer life counts as a year. Some servers return the highest number for a token that never expires.
const LONGEST_LIFE_S: u64 = 365 * 24 * 60 * 60;

#[derive(Deserialize)]
struct TokenResponse {
    access_token: String,
    expires_in: u64,
}

#[derive(Deserialize)]
struct TokenRefusal {
    error: String,
}

/// Requests a token as RFC 6749, section 4.4.2, defines, with the client's id and secret as in section 2.3.1.
pub(super) async fn request(
    endpoint: &Url,
    client: &PasswordLogin,
    scope: Option<&str>,
) -> Result<Token, TokenError> {
    let failed = |error: reqwest::Error| TokenError::Endpoint(chain(&error.without_url()));
    let encode = |text: &str| -> String { form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    let http = reqwest::Client::builder().timeout(ENDPOINT_TIMEOUT).build().map_err(failed)?;
    let mut form = vec![("grant_type", "client_credentials")];
    form.extend(scope.map(|scope| ("scope", scope)));
    let made = SystemTime::now();
    let response = http
        .post(endpoint.clone())
        .basic_auth(encode(&client.username), Some(encode(client.password.expose_secret())))
        .form(&form)
        .send()
        .await
        .map_err(failed)?;
    let status = response.status();
    if !status.is_success() {
        let error = response.json::<TokenRefusal>().await.map_or("no reason".to_owned(), |body| body.error);
        return Err(TokenError::Refused { status: status.as_u16(), error });
    }
    let token: TokenResponse = response
        .json()
        .await
        .map_err(|_| TokenError::Endpoint("the response has no access_token and expires_in".to_owned()))?;
    let expires = made + Duration::from_secs(token.expires_in.min(LONGEST_LIFE_S));
    Ok(Token { text: token.access_token.into(), made, expires })
}
