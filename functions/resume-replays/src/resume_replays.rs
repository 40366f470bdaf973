//! One run of the schedule: resumes the replays that no invocation works on.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use lambda_runtime::Error;
use serde::Serialize;
use xzepr_domain::{ReplayId, ReplayState};
use xzepr_lambda::InvokeWorker;
use xzepr_telemetry::metrics::{
    definitions::{OLDEST_STANDING_REPLAY_AGE, RUNNING_REPLAYS},
    emit,
};

use crate::store::ReadReplays;

/// How many replays are read at once, and how many invocations are requested at once.
const AT_ONCE: usize = 8;

pub(crate) struct ResumeReplays<T, W> {
    table: T,
    worker: W,
}

/// The number of running replays, and the number of those that had no invocation.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Response {
    running: usize,
    resumed: usize,
}

/// A replay on the list of running replays.
struct Listed {
    id: String,
    /// The time since its position moved.
    without_progress: Duration,
    needs_worker: bool,
}

impl<T: ReadReplays, W: InvokeWorker> ResumeReplays<T, W> {
    pub(crate) fn new(table: T, worker: W) -> Self {
        Self { table, worker }
    }

    /// Fails if the list cannot be read. Then no metric is written, which also raises the alarm.
    pub(crate) async fn resume(&self) -> Result<Response, Error> {
        let running = self.table.running().await?;
        let now = Utc::now();
        let listed: Vec<_> =
            stream::iter(running).map(|id| self.examine(id, now)).buffer_unordered(AT_ONCE).collect().await;
        let oldest = listed.iter().map(|listed| listed.without_progress).max().unwrap_or_default();
        // Before the invocations, so that the metrics are also written while the Lambda API is unavailable.
        emit([RUNNING_REPLAYS.of(listed.len()), OLDEST_STANDING_REPLAY_AGE.seconds(oldest)]);
        let to_resume: Vec<_> = listed.iter().filter(|listed| listed.needs_worker).collect();
        stream::iter(&to_resume).for_each_concurrent(AT_ONCE, |listed| self.worker.invoke(&listed.id)).await;
        let response = Response { running: listed.len(), resumed: to_resume.len() };
        if response.running > 0 {
            let oldest_s = oldest.as_secs();
            tracing::info!(
                running = response.running,
                resumed = response.resumed,
                oldest_s,
                "replays resumed"
            );
        }
        Ok(response)
    }

    /// A replay that cannot be read does not stop the others. It counts as without progress since its start.
    async fn examine(&self, id: String, now: DateTime<Utc>) -> Listed {
        let parsed = id.parse::<ReplayId>();
        let read = match &parsed {
            Ok(replay) => self.table.read(*replay).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match read {
            Ok(Some(replay)) => {
                let needs_worker = replay.state == ReplayState::Running && !replay.is_leased(now);
                return Listed { id, without_progress: replay.time_without_progress(now), needs_worker };
            }
            Ok(None) => tracing::error!(replay = id, "a running replay has no item"),
            Err(error) => tracing::error!(replay = id, "cannot read a running replay: {error}"),
        }
        let started = parsed.ok().and_then(ReplayId::time).unwrap_or_default();
        Listed { id, without_progress: (now - started).to_std().unwrap_or_default(), needs_worker: false }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use chrono::TimeDelta;
    use xzepr_domain::{Replay, ReplayFilter, TimeRange};
    use xzepr_store::StoreError;

    use super::*;

    #[derive(Default)]
    struct FakeTable {
        running: Vec<String>,
        items: Vec<Replay>,
    }

    impl ReadReplays for FakeTable {
        async fn running(&self) -> Result<Vec<String>, StoreError> {
            Ok(self.running.clone())
        }

        async fn read(&self, id: ReplayId) -> Result<Option<Replay>, StoreError> {
            Ok(self.items.iter().find(|replay| replay.id == id).cloned())
        }
    }

    #[derive(Default)]
    struct FakeWorker(Mutex<Vec<String>>);

    impl InvokeWorker for FakeWorker {
        async fn invoke(&self, replay: &str) {
            self.0.lock().unwrap().push(replay.to_owned());
        }
    }

    fn replay(leased_until_ms: u64, state: ReplayState) -> Replay {
        let range = TimeRange::parse("2024-01-15T10:30:00Z", "2024-01-15T10:31:00Z").unwrap();
        Replay { leased_until_ms, state, ..Replay::new(range, ReplayFilter::default(), false) }
    }

    #[tokio::test]
    async fn only_a_replay_without_a_lease_is_resumed() {
        let items = vec![
            replay(0, ReplayState::Running),
            replay(u64::MAX, ReplayState::Running),
            replay(0, ReplayState::Cancelled),
        ];
        let running = items.iter().map(|replay| replay.id.to_string()).collect();
        let function = ResumeReplays::new(FakeTable { running, items }, FakeWorker::default());
        assert_eq!(function.resume().await.unwrap(), Response { running: 3, resumed: 1 });
        assert_eq!(*function.worker.0.lock().unwrap(), [function.table.items[0].id.to_string()]);
    }

    #[tokio::test]
    async fn a_replay_that_cannot_be_read_does_not_stop_others_and_counts_as_without_progress() {
        let readable = replay(0, ReplayState::Running);
        let missing = ReplayId::generate();
        let running = vec!["yesterday".to_owned(), missing.to_string(), readable.id.to_string()];
        let table = FakeTable { running, items: vec![readable] };
        let function = ResumeReplays::new(table, FakeWorker::default());
        assert_eq!(function.resume().await.unwrap(), Response { running: 3, resumed: 1 });
        let later = missing.time().unwrap() + TimeDelta::seconds(90);
        let listed = function.examine(missing.to_string(), later).await;
        assert!(!listed.needs_worker);
        assert_eq!(listed.without_progress, Duration::from_secs(90));
    }
}
