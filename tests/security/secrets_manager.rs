//! The one operation of AWS Secrets Manager that a function calls, for one secret.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub(crate) const ARN: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:AmazonMSK_xzepr-AbCdEf";

/// The running API.
pub(crate) struct SecretsManager {
    address: SocketAddr,
    secret: Arc<Mutex<Option<Value>>>,
}

impl SecretsManager {
    /// Starts it with a secret. Without one each request is refused.
    pub(crate) async fn start(secret: Option<Value>) -> Self {
        let secret = Arc::new(Mutex::new(secret));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().route("/", post(get_secret_value)).with_state(Arc::clone(&secret));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { address, secret }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn rotate(&self, secret: Value) {
        *self.secret.lock().unwrap() = Some(secret);
    }
}

async fn get_secret_value(
    State(secret): State<Arc<Mutex<Option<Value>>>>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, String) {
    assert_eq!(headers["x-amz-target"], "secretsmanager.GetSecretValue");
    let request: Value = serde_json::from_str(&body).unwrap();
    match &*secret.lock().unwrap() {
        Some(secret) if request["SecretId"] == ARN => {
            let response = json!({"ARN": ARN, "Name": "AmazonMSK_xzepr", "SecretString": secret.to_string()});
            (StatusCode::OK, response.to_string())
        }
        _ => (
            StatusCode::BAD_REQUEST,
            json!({"__type": "AccessDeniedException", "Message": "not authorized"}).to_string(),
        ),
    }
}
