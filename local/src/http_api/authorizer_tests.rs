use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::{claims::Jwt, gateway_error::GatewayError, issuer::Issuer, tokens::AUDIENCE};

const URL: &str = "http://127.0.0.1:8080";

fn now() -> i64 {
    chrono::Utc::now().timestamp()
}

/// Valid claims with the scope of a writer of events.
fn claims() -> Value {
    json!({
        "iss": URL, "aud": AUDIENCE, "sub": "s", "iat": now(), "nbf": now(), "exp": now() + 60,
        "scope": "xzepr/events:write other",
    })
}

/// Valid claims, one of which has another value, or none.
fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    if claims[name].is_null() {
        claims.as_object_mut().unwrap().remove(name);
    }
    claims
}

/// The decision about a header, for a route with two scopes.
fn authorize(issuer: &Issuer, authorization: &str) -> Result<Jwt, GatewayError> {
    let mut headers = HeaderMap::new();
    headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
    let scopes = ["xzepr/admin".to_owned(), "xzepr/events:write".to_owned()];
    issuer.authorizer().authorize(&headers, &scopes, now())
}

/// The decision about a token of the issuer.
fn authorize_claims(issuer: &Issuer, claims: &Value) -> Result<Jwt, GatewayError> {
    authorize(issuer, &issuer.sign(issuer.key_id(), claims).unwrap())
}

fn refused(description: &str) -> GatewayError {
    let challenge = format!(r#"Bearer scope="" error="invalid_token" error_description="{description}""#);
    GatewayError::Unauthorized(challenge.parse().unwrap())
}

#[test]
fn a_valid_token_gives_its_claims_as_texts_and_the_scopes_of_the_route() {
    let issuer = Issuer::new(URL).unwrap();
    let token = issuer.sign(issuer.key_id(), &claims()).unwrap();
    for authorization in [token.clone(), format!("Bearer {token}"), format!("bearer  {token}")] {
        let Jwt { claims, scopes } = authorize(&issuer, &authorization).unwrap();
        assert_eq!(
            (&*claims["iss"], &*claims["sub"], &*claims["scope"]),
            (URL, "s", "xzepr/events:write other")
        );
        assert!(claims["exp"].parse::<i64>().unwrap() > now());
        assert_eq!(scopes, ["xzepr/events:write"]);
    }
}

#[test]
fn the_audience_is_aud_or_without_it_the_client_id() {
    let issuer = Issuer::new(URL).unwrap();
    let mut of_client = with("aud", Value::Null);
    of_client["client_id"] = json!(AUDIENCE);
    for valid in [with("aud", json!(["other", AUDIENCE])), of_client.clone()] {
        assert!(authorize_claims(&issuer, &valid).is_ok(), "{valid}");
    }
    of_client["aud"] = json!("other");
    for invalid in [with("aud", json!("other")), with("aud", json!([])), with("aud", Value::Null), of_client]
    {
        let refused = refused("the token does not have a valid audience");
        assert_eq!(authorize_claims(&issuer, &invalid), Err(refused), "{invalid}");
    }
}

#[test]
fn a_token_at_the_wrong_time_or_from_another_issuer_is_refused() {
    let issuer = Issuer::new(URL).unwrap();
    for (claims, description) in [
        (with("exp", json!(now() - 5)), "the token has expired"),
        (with("exp", Value::Null), "the token does not have exp"),
        (with("exp", json!("x")), "the token does not have exp"),
        (with("nbf", json!(now() + 30)), "the token is not valid yet"),
        (with("iat", json!(now() + 30)), "the token was issued in the future"),
        (with("iat", json!("x")), "the token was issued in the future"),
        (with("iss", json!("http://127.0.0.1:8081")), "the token does not have a valid issuer"),
        (with("iss", json!([URL])), "the token does not have a valid issuer"),
        (with("iss", Value::Null), "the token does not have a valid issuer"),
    ] {
        assert_eq!(authorize_claims(&issuer, &claims), Err(refused(description)), "{claims}");
    }
}

#[test]
fn a_token_that_another_key_signed_is_refused() {
    let (issuer, other) = (Issuer::new(URL).unwrap(), Issuer::new(URL).unwrap());
    let token = other.sign(issuer.key_id(), &claims()).unwrap();
    assert_eq!(authorize(&issuer, &token), Err(refused("the token does not have a valid signature")));
    let unknown = issuer.sign("other", &claims()).unwrap();
    assert_eq!(authorize(&issuer, &unknown), Err(refused("the token has no known key ID")));
    let without_key_id = {
        let parts: Vec<_> = token.split('.').collect();
        format!("{}.{}.{}", URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#), parts[1], parts[2])
    };
    assert_eq!(authorize(&issuer, &without_key_id), Err(refused("the token has no known key ID")));
}

#[test]
fn another_algorithm_than_rs256_is_refused() {
    let issuer = Issuer::new(URL).unwrap();
    let payload = URL_SAFE_NO_PAD.encode(claims().to_string());
    for header in [r#"{"alg":"none","kid":"local"}"#, r#"{"alg":"NONE","kid":"local"}"#, r#"{"kid":"local"}"#]
    {
        let none = format!("{}.{payload}.", URL_SAFE_NO_PAD.encode(header));
        assert!(matches!(authorize(&issuer, &none), Err(GatewayError::Unauthorized(_))), "{header}");
    }
    // The public key as the secret of a symmetric algorithm.
    for algorithm in [Algorithm::HS256, Algorithm::HS384, Algorithm::HS512] {
        let mut header = Header::new(algorithm);
        header.kid = Some(issuer.key_id().to_owned());
        let key = EncodingKey::from_secret(issuer.public_key_pem().as_bytes());
        let token = encode(&header, &claims(), &key).unwrap();
        assert_eq!(authorize(&issuer, &token), Err(refused("the signing method is not RS256")));
    }
}

#[test]
fn no_token_is_challenged_and_garbage_is_refused() {
    let issuer = Issuer::new(URL).unwrap();
    let challenge = Err(GatewayError::Unauthorized(HeaderValue::from_static("Bearer")));
    let scopes = ["xzepr/admin".to_owned()];
    let authorizer = issuer.authorizer();
    let mut headers = HeaderMap::new();
    assert_eq!(authorizer.authorize(&headers, &scopes, now()), challenge);
    let token = issuer.sign(issuer.key_id(), &claims()).unwrap();
    for _ in 0..2 {
        headers.append(header::AUTHORIZATION, token.parse().unwrap());
    }
    assert_eq!(authorizer.authorize(&headers, &scopes, now()), challenge, "two headers");
    assert_eq!(authorize(&issuer, ""), challenge);
    for garbage in [
        "Bearer",
        "x",
        "Bearer x",
        "a.b.c",
        "...",
        "Basic dTpw",
        &token[1..],
        &format!("{token}x"),
        &format!("{token} {token}"),
    ] {
        let refused = authorize(&issuer, garbage);
        assert!(matches!(refused, Err(GatewayError::Unauthorized(_))), "{garbage}: {refused:?}");
    }
}

#[test]
fn a_token_without_a_scope_of_the_route_is_forbidden() {
    let issuer = Issuer::new(URL).unwrap();
    let challenge = r#"Bearer scope="xzepr/admin xzepr/events:write" error="insufficient_scope" error_description="the token has no scope of the route""#;
    for scope in [
        json!("xzepr/receivers:write"),
        json!("xzepr/events"),
        json!("XZEPR/ADMIN"),
        json!(""),
        json!(null),
        json!(1),
    ] {
        let forbidden = Err(GatewayError::Forbidden(HeaderValue::from_static(challenge)));
        assert_eq!(authorize_claims(&issuer, &with("scope", scope.clone())), forbidden, "{scope}");
    }
    assert!(authorize_claims(&issuer, &with("scope", json!("xzepr/admin"))).is_ok());
}
