//! Lambda's asynchronous invocations: cargo-lambda takes them, and responds when the function has ended.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    routing::post,
};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::mpsc::{UnboundedSender, unbounded_channel},
    task::JoinSet,
    time::timeout,
};

use crate::{
    error::{Context, Result},
    lambda,
    template::Template,
};

/// The API. It ends when this is dropped, and so do the invocations.
pub(crate) struct AsynchronousInvocations {
    url: String,
    _tasks: JoinSet<()>,
}

type Invocation = (String, Value);

impl AsynchronousInvocations {
    /// Starts it on a free loopback port, before the API that invokes functions synchronously.
    pub(crate) async fn start(template: &Template, api_url: String) -> Result<Self> {
        let starting = || "starting the API of asynchronous invocations";
        let listener = TcpListener::bind("127.0.0.1:0").await.context(starting())?;
        let url = format!("http://{}", listener.local_addr().context(starting())?);
        let (send, mut received) = unbounded_channel::<Invocation>();
        let router =
            Router::new().route("/2015-03-31/functions/{name}/invocations", post(accept)).with_state(send);
        let timeouts: Vec<_> =
            template.functions.iter().map(|function| (function.name.clone(), function.timeout)).collect();
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            if let Err(error) = axum::serve(listener, router).await {
                eprintln!("asynchronous invocations: {error}");
            }
        });
        tasks.spawn(async move {
            let mut invocations = JoinSet::new();
            while let Some((name, payload)) = received.recv().await {
                while invocations.try_join_next().is_some() {}
                let Some((_, within)) = timeouts.iter().find(|(function, _)| *function == name) else {
                    eprintln!("asynchronous invocations: there is no function {name}");
                    continue;
                };
                let (api_url, within) = (api_url.clone(), *within);
                // As with the template's MaximumRetryAttempts of 0, one that fails is not retried.
                invocations.spawn(async move {
                    match timeout(within, lambda::invoke(&api_url, &name, &payload)).await {
                        Ok(Ok(_)) => {}
                        Ok(Err(error)) => eprintln!("asynchronous invocation: {error}"),
                        Err(_) => eprintln!("asynchronous invocation: {name} did not end in time"),
                    }
                });
            }
        });
        Ok(Self { url, _tasks: tasks })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

async fn accept(
    State(send): State<UnboundedSender<Invocation>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    payload: Bytes,
) -> StatusCode {
    let is_asynchronous = headers.get("x-amz-invocation-type").is_some_and(|kind| kind == "Event");
    if !is_asynchronous {
        return StatusCode::NOT_IMPLEMENTED;
    }
    let Ok(payload) = serde_json::from_slice(&payload) else { return StatusCode::BAD_REQUEST };
    match send.send((name, payload)) {
        Ok(()) => StatusCode::ACCEPTED,
        Err(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
