//! Invokes the function that works on replays.

use std::future::Future;

use serde::Serialize;

use crate::function::Function;

/// The payload of an invocation.
#[derive(Serialize)]
struct Work<'a> {
    replay: &'a str,
}

/// Invokes a function for a replay.
pub trait InvokeWorker: Sync {
    /// Invokes the function, so that the work on a replay starts at once. A failure is only logged, since
    /// resume-replays invokes the function for every replay that no invocation works on.
    fn invoke(&self, replay: &str) -> impl Future<Output = ()> + Send;
}

/// The function that works on replays, in one invocation for each.
#[derive(Debug, Clone)]
pub struct ReplayWorker(Function);

impl ReplayWorker {
    /// Prepares a client. Sends nothing.
    pub fn connect(function_name: String) -> Self {
        Self(Function::connect(function_name))
    }
}

impl InvokeWorker for ReplayWorker {
    async fn invoke(&self, replay: &str) {
        if let Err(error) = self.0.invoke_asynchronously(&Work { replay }).await {
            tracing::warn!(
                replay,
                "could not start a replay at once, and the next run of resume-replays will: {error}"
            );
        }
    }
}
