//! An HTTP proxy before a DynamoDB API. It counts requests and capacity units, and can refuse writes with a transaction
//! conflict, which the embedded API never does.

mod conflict;
mod usage;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use reqwest::Client;
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinHandle};

pub use self::usage::{OperationUsage, Usage};
use self::{conflict::Conflicts, usage::MEASURED};

/// The header that names the operation.
const TARGET: &str = "x-amz-target";

/// The proxy. It ends when it is dropped.
pub struct DynamodbProxy {
    address: SocketAddr,
    server: Arc<Server>,
    task: JoinHandle<()>,
}

struct Server {
    url: String,
    http: Client,
    usage: Mutex<Usage>,
    conflicts: Mutex<Conflicts>,
}

impl DynamodbProxy {
    /// Starts it before the API at this URL. At first no write meets a conflict.
    pub async fn start(url: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Arc::new(Server {
            url: url.to_owned(),
            http: Client::new(),
            usage: Mutex::default(),
            conflicts: Mutex::default(),
        });
        let router = Router::new().fallback(handle).with_state(Arc::clone(&server));
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self { address, server, task }
    }

    /// The address for an SDK.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, this share of the writes meets a conflict, 0 for none and 1 for all: each `TransactWriteItems`, and
    /// each write of one item of a table that also has transactions. Such a write changes nothing.
    pub fn conflict(&self, share: f64) {
        self.server.conflicts.lock().unwrap().share = share;
    }

    /// The usage since the start or the last [`reset`](Self::reset).
    pub fn usage(&self) -> Usage {
        self.server.usage.lock().unwrap().clone()
    }

    /// Counts from zero again.
    pub fn reset(&self) {
        *self.server.usage.lock().unwrap() = Usage::default();
    }
}

impl Drop for DynamodbProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn handle(State(server): State<Arc<Server>>, headers: HeaderMap, body: Bytes) -> Response {
    let target = headers.get(TARGET).and_then(|target| target.to_str().ok()).unwrap_or_default().to_owned();
    let operation = target.split_once('.').map_or("", |(_, operation)| operation).to_owned();
    let mut request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let conflict = server.conflicts.lock().unwrap().draw(&operation, &request);
    if let Some(conflict) = conflict {
        server.usage.lock().unwrap().add_conflict(&operation);
        return (StatusCode::BAD_REQUEST, conflict.to_string()).into_response();
    }
    let body = if MEASURED.contains(&&*operation) {
        // The local API checks no signature, so the request may change.
        request["ReturnConsumedCapacity"] = "TOTAL".into();
        request.to_string().into()
    } else {
        body
    };
    let mut sent = server.http.post(&server.url).header(TARGET, target).body(body);
    for name in ["authorization", "content-type", "x-amz-date"] {
        sent = headers.get(name).into_iter().fold(sent, |sent, value| sent.header(name, value));
    }
    let answered = async {
        let response = sent.send().await?;
        Ok::<_, reqwest::Error>((response.status(), response.bytes().await?))
    };
    // Without an answer of the API, the client sees a server that fails, and tries again.
    let Ok((status, answer)) = answered.await else { return StatusCode::BAD_GATEWAY.into_response() };
    server.usage.lock().unwrap().add(&operation, status.is_success(), &answer);
    (status, [("content-type", "application/x-amz-json-1.0")], answer).into_response()
}
