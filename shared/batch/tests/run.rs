//! A function of batches, run as Lambda runs it: a process that polls the Runtime API.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>

#![expect(clippy::unwrap_used, reason = "a test ends with a panic")]

use std::{env, future::pending, process::Stdio, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Path, State},
    http::StatusCode,
    response::IntoResponse,
    routing::{get, post},
};
use tokio::{
    net::TcpListener,
    process::Command,
    sync::{Mutex, mpsc},
    time::timeout,
};

/// The events of the process, in order. The function reads their bytes, so they may be anything.
const EVENTS: [&str; 3] = [r#"{ "Records" : [] }"#, "no JSON", "refused"];

const WITHIN: Duration = Duration::from_secs(60);

#[tokio::test]
async fn the_function_gets_the_bytes_of_each_event_and_lambda_gets_its_response_or_its_error() {
    let (sender, mut calls) = mpsc::unbounded_channel();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async { axum::serve(listener, runtime_api(sender)).await });
    let _process = Command::new(env::current_exe().unwrap())
        .args(["--ignored", "--exact", "function"])
        .env("AWS_LAMBDA_RUNTIME_API", address)
        .env("AWS_LAMBDA_FUNCTION_NAME", "batches")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    for expected in [
        r#"0 response {"batchItemFailures":[{"itemIdentifier":"{ \"Records\" : [] }"}]}"#,
        r#"1 response {"batchItemFailures":[{"itemIdentifier":"no JSON"}]}"#,
    ] {
        assert_eq!(timeout(WITHIN, calls.recv()).await.unwrap().unwrap(), expected);
    }
    let error = timeout(WITHIN, calls.recv()).await.unwrap().unwrap();
    assert!(error.starts_with("2 error ") && error.contains("cannot be read"), "{error}");
}

/// The process of the test above.
#[tokio::test]
#[ignore = "another test starts it"]
async fn function() {
    let ended = xzepr_batch::run(async |event| match str::from_utf8(&event.payload)? {
        "refused" => Err("cannot be read".into()),
        text => Ok([text.to_owned()].into_iter().collect()),
    });
    ended.await.unwrap();
}

struct Api {
    /// The number of polls.
    polls: Mutex<usize>,
    /// Gets the id, the kind and the body of each result.
    results: mpsc::UnboundedSender<String>,
}

/// A Runtime API that hands out the events.
fn runtime_api(results: mpsc::UnboundedSender<String>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/{kind}", post(result))
        .with_state(Arc::new(Api { polls: Mutex::new(0), results }))
}

async fn next(State(api): State<Arc<Api>>) -> impl IntoResponse {
    let mut polls = api.polls.lock().await;
    let id = *polls;
    *polls += 1;
    let Some(event) = EVENTS.get(id) else { pending().await };
    let headers = [
        ("lambda-runtime-aws-request-id", id.to_string()),
        ("lambda-runtime-deadline-ms", "1".to_owned()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:us-east-1:123456789012:function:batches".into(),
        ),
        ("lambda-runtime-trace-id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700".into()),
    ];
    (headers, *event)
}

async fn result(
    State(api): State<Arc<Api>>,
    Path((id, kind)): Path<(String, String)>,
    body: String,
) -> StatusCode {
    api.results.send(format!("{id} {kind} {body}")).unwrap();
    StatusCode::ACCEPTED
}
