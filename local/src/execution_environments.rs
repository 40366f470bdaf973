//! Execution environments: which process of a function has an invocation, and what ends one that has no answer.

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

/// A function's response, as cargo-lambda passes it on.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Failure {
    #[error("there is no function {0}")]
    UnknownFunction(String),
    #[error("the function's process ended")]
    ProcessEnded,
    #[error("the function's task timed out after {} s, and its process was ended", .0.as_secs())]
    TimedOut(Duration),
    #[error("cargo-lambda did not hand on the answer: {0}")]
    NoAnswer(String),
}

/// One process of a function, under a name of its own in the Lambda Runtime API.
pub(crate) struct ExecutionEnvironment {
    /// The name.
    pub(crate) name: String,
    /// The process.
    pub(crate) process: ProcessHandle,
}

/// The execution environments of all functions: each has one invocation at a time.
pub(crate) struct ExecutionEnvironments {
    functions: HashMap<String, Arc<Pool>>,
    /// Told of each invocation that ends.
    activity: watch::Sender<()>,
}

struct Pool {
    /// The one that was used last in front, as Lambda prefers it.
    idle: Mutex<VecDeque<ExecutionEnvironment>>,
    /// As many permits as there are idle environments.
    count: Semaphore,
    timeout: Duration,
}

impl ExecutionEnvironments {
    /// Takes each function's environments and timeout.
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

    /// Invokes a function with a request that is made for the environment that takes it; waits for one that is
    /// idle. The invocation goes on to its end when the caller is gone, as on Lambda.
    pub(crate) async fn invoke(
        &self,
        function: &str,
        request: impl FnOnce(&str) -> RequestBuilder,
    ) -> Result<Answer, Failure> {
        let unknown = || Failure::UnknownFunction(function.to_owned());
        let pool = Arc::clone(self.functions.get(function).ok_or_else(unknown)?);
        let environment = pool.take().await.ok_or_else(unknown)?;
        let request = request(&environment.name);
        let activity = self.activity.clone();
        let invocation = tokio::spawn(async move {
            let answer = run(&environment.process, request, pool.timeout).await;
            pool.give_back(environment);
            activity.send_replace(());
            answer
        });
        invocation.await.unwrap_or_else(|error| Err(Failure::NoAnswer(error.to_string())))
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

async fn run(process: &ProcessHandle, request: RequestBuilder, within: Duration) -> Result<Answer, Failure> {
    let mut deaths = process.deaths();
    let answer = async {
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        Ok(Answer { status, headers, body: response.bytes().await?.to_vec() })
    };
    tokio::select! {
        answer = timeout(within, answer) => match answer {
            Ok(answer) => answer.map_err(|error: reqwest::Error| Failure::NoAnswer(error.to_string())),
            Err(_) => {
                // A process that has ended meanwhile needs no signal.
                let _ = process.signal(Signal::Kill).await;
                Err(Failure::TimedOut(within))
            }
        },
        _ = deaths.changed() => Err(Failure::ProcessEnded),
    }
}
