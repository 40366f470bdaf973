//! A small OAuth 2.0 server: a token endpoint for the client credentials grant, and its public key.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::{get, post},
};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, jwk::Jwk};
use rcgen::KeyPair;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) const CLIENT_ID: &str = "publisher";
/// It has characters that must be encoded: RFC 6749, section 2.3.1.
pub(crate) const CLIENT_SECRET: &str = "a secret+with/odd:characters%";
/// `publisher` and the secret, each form-encoded, joined by a colon, in base64.
const AUTHORIZATION: &str = "Basic cHVibGlzaGVyOmErc2VjcmV0JTJCd2l0aCUyRm9kZCUzQWNoYXJhY3RlcnMlMjU=";
pub(crate) const ISSUER: &str = "https://issuer.example.com";
pub(crate) const AUDIENCE: &str = "kafka";
pub(crate) const SCOPE: &str = "kafka.write";

const KEY_ID: &str = "test";

/// The running server.
pub(crate) struct TokenEndpoint {
    address: SocketAddr,
    server: Arc<Server>,
}

struct Server {
    key: EncodingKey,
    lifetime_s: AtomicU64,
    issued: AtomicU64,
}

impl TokenEndpoint {
    pub(crate) async fn start() -> Self {
        let key = KeyPair::generate().unwrap();
        let server = Arc::new(Server {
            key: EncodingKey::from_ec_pem(key.serialize_pem().as_bytes()).unwrap(),
            lifetime_s: AtomicU64::new(300),
            issued: AtomicU64::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new()
            .route("/token", post(token))
            .route("/jwks", get(jwks))
            .with_state(Arc::clone(&server));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { address, server }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/token", self.address)
    }

    pub(crate) fn jwks_url(&self) -> String {
        format!("http://{}/jwks", self.address)
    }

    /// Sets how long the tokens live from now on.
    pub(crate) fn set_lifetime_s(&self, seconds: u64) {
        self.server.lifetime_s.store(seconds, Ordering::SeqCst);
    }

    /// How many tokens it has issued.
    pub(crate) fn issued(&self) -> u64 {
        self.server.issued.load(Ordering::SeqCst)
    }
}

async fn token(
    State(server): State<Arc<Server>>,
    headers: HeaderMap,
    Form(form): Form<std::collections::HashMap<String, String>>,
) -> (StatusCode, Json<Value>) {
    if headers.get("authorization").is_none_or(|value| value != AUTHORIZATION) {
        return (StatusCode::UNAUTHORIZED, Json(json!({"error": "invalid_client"})));
    }
    if form.get("grant_type").map(String::as_str) != Some("client_credentials")
        || form.get("scope").map(String::as_str) != Some(SCOPE)
    {
        return (StatusCode::BAD_REQUEST, Json(json!({"error": "invalid_scope"})));
    }
    let lifetime_s = server.lifetime_s.load(Ordering::SeqCst);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let claims = json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": CLIENT_ID, "scope": SCOPE, "iat": now, "exp": now + lifetime_s,
    });
    let header = Header { kid: Some(KEY_ID.to_owned()), ..Header::new(Algorithm::ES256) };
    let token = encode(&header, &claims, &server.key).unwrap();
    server.issued.fetch_add(1, Ordering::SeqCst);
    (StatusCode::OK, Json(json!({"access_token": token, "token_type": "Bearer", "expires_in": lifetime_s})))
}

async fn jwks(State(server): State<Arc<Server>>) -> Json<Value> {
    let mut key = Jwk::from_encoding_key(&server.key, Algorithm::ES256).unwrap();
    key.common.key_id = Some(KEY_ID.to_owned());
    Json(json!({"keys": [key]}))
}
