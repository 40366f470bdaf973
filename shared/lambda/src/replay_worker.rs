//! Starts the work on a replay.

use serde::Serialize;

use crate::function::Function;

/// The payload of an invocation.
#[derive(Serialize)]
struct Work<'a> {
    replay: &'a str,
}

/// The function that works on replays, one invocation for each.
#[derive(Debug, Clone)]
pub struct ReplayWorker(Function);

impl ReplayWorker {
    /// Prepares a client. Nothing is sent.
    pub fn connect(function_name: String) -> Self {
        Self(Function::connect(function_name))
    }

    /// Has a replay worked on at once, if Lambda takes the request. When it does not, that is logged and
    /// nothing else: resume-replays starts every replay that nobody works on.
    pub async fn start(&self, replay: &str) {
        if let Err(error) = self.0.invoke_asynchronously(&Work { replay }).await {
            tracing::warn!(
                replay,
                "could not start a replay at once, the next run of the schedule does: {error}"
            );
        }
    }
}
