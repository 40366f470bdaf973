//! A Lambda Runtime API for one process.
//!
//! It hands out one invocation at a time and tells when the process polled and responded. It accepts internal
//! extensions, as `publish-events` has one for SIGTERM, and has no events for them.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

use std::{
    future::pending,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
    serve::ListenerExt,
};
use local::{Context, Error, Result};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Mutex, mpsc, oneshot},
    task::JoinHandle,
};

/// The time that each invocation has: Lambda's longest. A replay begins no page in the last minute.
const TIMEOUT: Duration = Duration::from_secs(900);

/// The most bytes of a response: Lambda's own limit.
const MAX_RESPONSE_BYTES: usize = 6 << 20;

/// The API. It ends when this is dropped.
pub(super) struct RuntimeApi {
    address: String,
    calls: mpsc::UnboundedReceiver<Call>,
    serving: JoinHandle<()>,
}

/// A call of the process.
#[derive(Debug)]
pub(super) enum Call {
    /// It is ready for an invocation, and gets the one that is sent here.
    Next(oneshot::Sender<Bytes>),
    /// It has responded with this body at this time.
    Response(Bytes, Instant),
    /// It has failed with this body, in its init or in an invocation.
    Error(Bytes),
}

struct Server {
    calls: mpsc::UnboundedSender<Call>,
    /// The number of invocations so far.
    count: Mutex<u64>,
}

impl RuntimeApi {
    /// Starts it on a free loopback port.
    pub(super) async fn start() -> Result<Self> {
        let (sender, calls) = mpsc::unbounded_channel();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("starting the Runtime API")?;
        let address = listener.local_addr().context("starting the Runtime API")?.to_string();
        // A small response must not wait for the process to acknowledge the one before.
        let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
        let routes = routes().with_state(Arc::new(Server { calls: sender, count: Mutex::new(0) }));
        let serving = tokio::spawn(async move {
            if let Err(error) = axum::serve(listener, routes).await {
                eprintln!("the Runtime API ended: {error}");
            }
        });
        Ok(Self { address, calls, serving })
    }

    /// The value of `AWS_LAMBDA_RUNTIME_API`.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Waits for the next call.
    pub(super) async fn call(&mut self) -> Result<Call> {
        self.calls.recv().await.ok_or_else(|| Error::new("the Runtime API has ended"))
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

fn routes() -> Router<Arc<Server>> {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(error))
        .route("/2020-01-01/extension/register", post(register))
        .route("/2020-01-01/extension/event/next", get(pending::<()>))
        .layer(axum::extract::DefaultBodyLimit::max(MAX_RESPONSE_BYTES))
}

async fn next(State(server): State<Arc<Server>>) -> Response {
    let (sender, event) = oneshot::channel();
    // The process outlives its bench by a moment.
    let Ok(()) = server.calls.send(Call::Next(sender)) else { return StatusCode::GONE.into_response() };
    let Ok(event) = event.await else { return StatusCode::GONE.into_response() };
    let mut count = server.count.lock().await;
    *count += 1;
    let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + TIMEOUT;
    let headers = [
        ("lambda-runtime-aws-request-id", format!("8476a536-e9f4-11e8-9739-{:012}", *count)),
        ("lambda-runtime-deadline-ms", deadline.as_millis().to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:bench".into(),
        ),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=0".into()),
        ("content-type", "application/json".into()),
    ];
    (headers, event).into_response()
}

async fn response(State(server): State<Arc<Server>>, Path(_): Path<String>, body: Bytes) -> StatusCode {
    accept(&server, Call::Response(body, Instant::now()))
}

async fn error(State(server): State<Arc<Server>>, body: Bytes) -> StatusCode {
    accept(&server, Call::Error(body))
}

fn accept(server: &Server, call: Call) -> StatusCode {
    if server.calls.send(call).is_ok() { StatusCode::ACCEPTED } else { StatusCode::GONE }
}

async fn register() -> ([(&'static str, &'static str); 1], Json<Value>) {
    let registered = json!({"functionName": "bench", "functionVersion": "$LATEST", "handler": "bootstrap"});
    ([("lambda-extension-identifier", "bench")], Json(registered))
}
