//! The JWT authorizer: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html>.

use axum::http::{HeaderMap, HeaderValue, header};
use jsonwebtoken::{
    Algorithm, DecodingKey, Validation, decode, decode_header,
    errors::{Error, ErrorKind},
    jwk::JwkSet,
};
use serde_json::{Map, Value};

use super::{
    claims::{self, Jwt},
    gateway_error::GatewayError,
};

/// An authorizer with one issuer and one audience. Its identity source is the header `Authorization`.
#[derive(Debug)]
pub(super) struct Authorizer {
    issuer: String,
    audience: String,
    keys: JwkSet,
}

impl Authorizer {
    /// An authorizer that trusts the issuer's public keys.
    pub(super) fn new(issuer: &str, audience: &str, keys: JwkSet) -> Self {
        Self { issuer: issuer.to_owned(), audience: audience.to_owned(), keys }
    }

    /// Verifies the token of a request for a route with these scopes, at a time in seconds since 1970.
    pub(super) fn authorize(
        &self,
        headers: &HeaderMap,
        scopes: &[String],
        now: i64,
    ) -> Result<Jwt, GatewayError> {
        let Some(token) = token(headers) else {
            return Err(GatewayError::Unauthorized(HeaderValue::from_static("Bearer")));
        };
        let claims = self.verify(token, now).map_err(|fault| {
            let challenge = format!(r#"Bearer scope="" error="invalid_token" error_description="{fault}""#);
            GatewayError::Unauthorized(challenge_header(challenge))
        })?;
        let of_token = claims::scopes(&claims);
        let scopes_of_both: Vec<_> =
            scopes.iter().filter(|scope| of_token.contains(&scope.as_str())).cloned().collect();
        if scopes_of_both.is_empty() {
            let challenge = format!(
                r#"Bearer scope="{}" error="insufficient_scope" error_description="the token has no scope of the route""#,
                scopes.join(" ")
            );
            return Err(GatewayError::Forbidden(challenge_header(challenge)));
        }
        Ok(Jwt { claims: claims::texts(&claims), scopes: scopes_of_both })
    }

    /// The claims of a valid token, or the fault.
    fn verify(&self, token: &str, now: i64) -> Result<Map<String, Value>, &'static str> {
        let header = decode_header(token).map_err(|error| description(&error))?;
        let key = header.kid.as_deref().and_then(|id| self.keys.find(id));
        let key = key.ok_or("the token has no known key ID")?;
        let key = DecodingKey::from_jwk(key).map_err(|error| description(&error))?;
        let claims = decode::<Map<String, Value>>(token, &key, &validation())
            .map_err(|error| description(&error))?
            .claims;
        if claims.get("iss").and_then(Value::as_str) != Some(&self.issuer) {
            return Err("the token does not have a valid issuer");
        }
        if !self.is_audience(claims.get("aud").or_else(|| claims.get("client_id"))) {
            return Err("the token does not have a valid audience");
        }
        let is_issued = |issued: &Value| issued.as_f64().is_some_and(|issued| issued <= seconds(now));
        if !claims.get("iat").is_none_or(is_issued) {
            return Err("the token was issued in the future");
        }
        Ok(claims)
    }

    fn is_audience(&self, claim: Option<&Value>) -> bool {
        match claim {
            Some(Value::String(audience)) => *audience == self.audience,
            Some(Value::Array(audiences)) => {
                audiences.iter().any(|audience| audience.as_str() == Some(&self.audience))
            }
            _ => false,
        }
    }
}

/// The rules that the library checks: algorithm, signature, `exp` and `nbf`, without a tolerance.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::RS256);
    validation.leeway = 0;
    validation.validate_nbf = true;
    validation.validate_aud = false;
    validation
}

/// The token of the header `Authorization`, with or without `Bearer`.
fn token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?.trim();
    let token = match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        _ => value,
    };
    (!token.is_empty() && values.next().is_none()).then_some(token)
}

#[expect(clippy::cast_precision_loss, reason = "a time in this millennium is exact")]
fn seconds(time: i64) -> f64 {
    time as f64
}

/// The text for the caller. It has no text of the token, whose quotes would end it.
fn description(error: &Error) -> &'static str {
    match error.kind() {
        ErrorKind::ExpiredSignature => "the token has expired",
        ErrorKind::ImmatureSignature => "the token is not valid yet",
        ErrorKind::InvalidSignature => "the token does not have a valid signature",
        ErrorKind::InvalidAlgorithm | ErrorKind::InvalidAlgorithmName => "the signing method is not RS256",
        ErrorKind::MissingRequiredClaim(_) => "the token does not have exp",
        _ => "the token is not valid",
    }
}

fn challenge_header(challenge: String) -> HeaderValue {
    HeaderValue::try_from(challenge).unwrap_or(HeaderValue::from_static("Bearer"))
}
