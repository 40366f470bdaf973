//! Execution environments: each invocation gets a process of its function, and ends without a response if the process
//! dies or its timeout is over.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use reqwest::{RequestBuilder, StatusCode, header::HeaderMap};
use tokio::{
    sync::{Semaphore, watch},
    time::timeout,
};

use crate::{functions::ProcessHandle, signal::Signal};

/// A function's response, from cargo-lambda.
#[derive(Debug)]
pub(crate) struct FunctionResponse {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// The reason why there is no response.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Failure {
    #[error("there is no function {0}")]
    UnknownFunction(String),
    #[error("the function's process ended")]
    ProcessEnded,
    #[error("the function's task timed out after {} s, and its process was ended", .0.as_secs())]
    TimedOut(Duration),
    #[error("cargo-lambda returned no response: {0}")]
    NoResponse(String),
}

/// One process of a function. It has a name of its own in the Lambda Runtime API.
pub(crate) struct ExecutionEnvironment {
    /// The name.
    pub(crate) name: String,
    /// The process.
    pub(crate) process: ProcessHandle,
}

/// The execution environments of all functions: each has one invocation at a time.
pub(crate) struct ExecutionEnvironments {
    functions: HashMap<String, Arc<Pool>>,
    /// Changes at the end of each invocation.
    activity: watch::Sender<()>,
}

struct Pool {
    /// The last used one comes first, since Lambda prefers it.
    idle: Mutex<VecDeque<ExecutionEnvironment>>,
    /// As many permits as there are idle environments.
    count: Semaphore,
    timeout: Duration,
}

impl ExecutionEnvironments {
    /// The execution environments from each function's environments and timeout.
    pub(crate) fn new(
        functions: impl IntoIterator<Item = (String, Vec<ExecutionEnvironment>, Duration)>,
        activity: watch::Sender<()>,
    ) -> Self {
        let pools = functions.into_iter().map(|(name, environments, timeout)| {
            let count = Semaphore::new(environments.len());
            (name, Arc::new(Pool { idle: Mutex::new(environments.into()), count, timeout }))
        });
        Self { functions: pools.collect(), activity }
    }

    /// Waits for an idle environment of a function, and sends it the request that `request` makes for its name. As on
    /// Lambda, the invocation continues to its end after the caller is gone.
    pub(crate) async fn invoke(
        &self,
        function: &str,
        request: impl FnOnce(&str) -> RequestBuilder,
    ) -> Result<FunctionResponse, Failure> {
        let unknown = || Failure::UnknownFunction(function.to_owned());
        let pool = Arc::clone(self.functions.get(function).ok_or_else(unknown)?);
        let environment = pool.take().await.ok_or_else(unknown)?;
        let request = request(&environment.name);
        let activity = self.activity.clone();
        let invocation = tokio::spawn(async move {
            let response = run(&environment.process, request, pool.timeout).await;
            pool.give_back(environment);
            activity.send_replace(());
            response
        });
        invocation.await.unwrap_or_else(|error| Err(Failure::NoResponse(error.to_string())))
    }
}

impl Pool {
    async fn take(&self) -> Option<ExecutionEnvironment> {
        self.count.acquire().await.ok()?.forget();
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    fn give_back(&self, environment: ExecutionEnvironment) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push_front(environment);
        self.count.add_permits(1);
    }
}

async fn run(
    process: &ProcessHandle,
    request: RequestBuilder,
    within: Duration,
) -> Result<FunctionResponse, Failure> {
    let mut deaths = process.deaths();
    let response = async {
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(FunctionResponse { status, headers, body: response.bytes().await?.to_vec() })
    };
    tokio::select! {
        response = timeout(within, response) => match response {
            Ok(response) => response.map_err(|error: reqwest::Error| Failure::NoResponse(error.to_string())),
            Err(_) => {
                // If the process has just ended, it needs no signal.
                let _ = process.signal(Signal::Kill).await;
                Err(Failure::TimedOut(within))
            }
        },
        _ = deaths.changed() => Err(Failure::ProcessEnded),
    }
}
