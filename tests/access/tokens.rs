//! Tokens that are valid, and those that are not.

use std::{os::unix::fs::PermissionsExt, process::Command, slice};

use end_to_end::System;
use insta::assert_snapshot;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode, jwk::JwkSet};
use local::{AUDIENCE, samples};
use rcgen::{KeyPair, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use crate::caller::{self, EVENTS, RECEIVERS, claims, issuer, post, signed, token};

const WRITER: &str = "xzepr/events:write";

/// Tokens that a caller could try, each with its fault.
fn invalid(system: &System) -> Vec<(&'static str, String)> {
    let now = chrono::Utc::now().timestamp();
    let with = |name: &str, value: Value| {
        let mut claims = claims(system, WRITER);
        claims[name] = value;
        signed(system, &claims)
    };
    let valid = token(system, WRITER);
    let parts: Vec<_> = valid.split('.').collect();
    // {"alg":"none","kid":"local"}
    let none = format!("eyJhbGciOiJub25lIiwia2lkIjoibG9jYWwifQ.{}.", parts[1]);
    let of_admin = token(system, "xzepr/admin");
    let payload_of_admin = of_admin.split('.').nth(1).unwrap();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(issuer(system).key_id().to_owned());
    let public = EncodingKey::from_secret(issuer(system).public_key_pem().as_bytes());
    let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap();
    let other_key = EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes()).unwrap();
    let mut other_header = Header::new(Algorithm::RS256);
    other_header.kid.clone_from(&header.kid);
    vec![
        ("expired", with("exp", json!(now - 5))),
        ("without an end", with("exp", Value::Null)),
        ("not yet valid", with("nbf", json!(now + 300))),
        ("issued in the future", with("iat", json!(now + 300))),
        ("of another audience", with("aud", json!("other"))),
        ("of another issuer", with("iss", json!("https://issuer.example"))),
        ("of an unknown key", issuer(system).sign("other", &claims(system, WRITER)).unwrap()),
        ("signed by another key", encode(&other_header, &claims(system, WRITER), &other_key).unwrap()),
        ("without a signature", none),
        (
            "signed with the public key as the secret",
            encode(&header, &claims(system, WRITER), &public).unwrap(),
        ),
        (
            "with other claims than it was signed with",
            format!("{}.{payload_of_admin}.{}", parts[0], parts[2]),
        ),
        ("garbage", "garbage".to_owned()),
        ("cut", valid[..valid.len() - 8].to_owned()),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invalid_token_is_401_and_stores_nothing() {
    let system = caller::system().await;
    assert_snapshot!(system.post(EVENTS, "{}").await, @r#"
    HTTP 401
    content-type: application/json
    www-authenticate: Bearer

    {"message":"Unauthorized"}
    "#);
    for (fault, token) in invalid(&system) {
        for (path, body) in
            [(EVENTS, samples::event("01HJ1K2M3N4P5Q6R7S8T9V0W1X")), (RECEIVERS, samples::receiver())]
        {
            let response = post(&system, &token, path, &body).await;
            assert_eq!(
                (response.status, &response.body),
                (401, &json!({"message": "Unauthorized"})),
                "{fault}: {response}"
            );
            assert!(
                response.headers["www-authenticate"].contains(r#"error="invalid_token""#),
                "{fault}: {response}"
            );
        }
    }
    assert!(system.keys().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_good_token_posts_an_event_that_arrives() {
    let system = caller::system().await;
    let writer = token(&system, "openid xzepr/receivers:write");
    let receiver = post(&system, &writer, RECEIVERS, &samples::receiver()).await.id();
    let event = post(&system, &token(&system, WRITER), EVENTS, &samples::event(&receiver)).await.id();
    system.await_messages(slice::from_ref(&event)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_tokens_for_the_terminal_are_in_a_private_file_and_valid_under_the_published_keys() {
    let system = caller::system().await;
    let file = &system.stack.tokens.as_ref().unwrap().file;
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let url = &system.stack.api_url;
    let get = async |url: &str| reqwest::get(url).await.unwrap().json::<Value>().await.unwrap();
    let configuration = get(&format!("{url}/.well-known/openid-configuration")).await;
    assert_eq!(configuration["issuer"], **url);
    let keys = get(configuration["jwks_uri"].as_str().unwrap()).await;
    assert!(keys["keys"][0].get("d").is_none(), "no private key is published");
    let keys: JwkSet = serde_json::from_value(keys).unwrap();
    for (variable, scope) in [
        ("TOKEN_EVENTS_WRITE", "xzepr/events:write"),
        ("TOKEN_RECEIVERS_WRITE", "xzepr/receivers:write"),
        ("TOKEN_GROUPS_WRITE", "xzepr/groups:write"),
        ("TOKEN_ADMIN", "xzepr/admin"),
        ("TOKEN_READ", "xzepr/read"),
    ] {
        let script = format!(". {}; printf %s \"${variable}\"", file.display());
        let output = Command::new("sh").args(["-euc", &script]).output().unwrap();
        let token = String::from_utf8(output.stdout).unwrap();
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[url]);
        let key = DecodingKey::from_jwk(keys.find("local").unwrap()).unwrap();
        let claims = decode::<Value>(&token, &key, &validation).unwrap().claims;
        assert_eq!(claims["scope"], scope, "{variable}");
        assert!(claims["sub"].is_string(), "{claims}");
    }
    let script = format!(". {}; printf %s \"$TOKEN\"", file.display());
    let output = Command::new("sh").args(["-euc", &script]).output().unwrap();
    let all = String::from_utf8(output.stdout).unwrap();
    assert_eq!(post(&system, &all, RECEIVERS, &samples::receiver()).await.status, 200);
}
