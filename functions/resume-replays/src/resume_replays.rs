//! One run of the schedule.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures_util::{StreamExt, stream};
use lambda_runtime::Error;
use serde::Serialize;
use xzepr_domain::{ReplayId, ReplayState};
use xzepr_lambda::ReplayWorker;
use xzepr_store::Table;
use xzepr_telemetry::Metric;

/// How many replays are looked at, and started, at once.
const AT_ONCE: usize = 8;

pub(crate) struct ResumeReplays {
    table: Table,
    worker: ReplayWorker,
}

/// How many replays run, and how many of those nobody worked on.
#[derive(Serialize)]
pub(crate) struct Answer {
    running: usize,
    resumed: usize,
}

/// A replay on the list of those that run.
struct Listed {
    id: String,
    stands_for: Duration,
    needs_worker: bool,
}

impl ResumeReplays {
    pub(crate) fn new(table: Table, worker: ReplayWorker) -> Self {
        Self { table, worker }
    }

    /// Fails when the list cannot be read. Then no metric is written, which is an alarm too.
    pub(crate) async fn resume(&self) -> Result<Answer, Error> {
        let running = self.table.replays().await?.running;
        let now = Utc::now();
        let listed: Vec<_> =
            stream::iter(running).map(|id| self.look_at(id, now)).buffer_unordered(AT_ONCE).collect().await;
        let oldest = listed.iter().map(|listed| listed.stands_for).max().unwrap_or_default();
        // First, so that a Lambda API that does not respond does not hide it.
        xzepr_telemetry::emit(&[
            Metric::count("RunningReplays", listed.len()),
            Metric::seconds("OldestStandingReplayAge", oldest),
        ]);
        let to_resume: Vec<_> = listed.iter().filter(|listed| listed.needs_worker).collect();
        stream::iter(&to_resume).for_each_concurrent(AT_ONCE, |listed| self.worker.start(&listed.id)).await;
        let answer = Answer { running: listed.len(), resumed: to_resume.len() };
        if answer.running > 0 {
            let oldest_s = oldest.as_secs();
            tracing::info!(running = answer.running, resumed = answer.resumed, oldest_s, "replays resumed");
        }
        Ok(answer)
    }

    /// One that cannot be read is in nobody's way, and stands since it was started.
    async fn look_at(&self, id: String, now: DateTime<Utc>) -> Listed {
        let parsed = id.parse::<ReplayId>();
        let read = match &parsed {
            Ok(replay) => self.table.replay(*replay).await.map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match read {
            Ok(Some(replay)) => {
                let needs_worker = replay.state == ReplayState::Running && !replay.is_leased(now);
                return Listed { id, stands_for: replay.stands_for(now), needs_worker };
            }
            Ok(None) => tracing::error!(replay = id, "a replay that runs has no item"),
            Err(error) => tracing::error!(replay = id, "cannot read a replay that runs: {error}"),
        }
        let started = parsed.ok().and_then(ReplayId::time).unwrap_or_default();
        Listed { id, stands_for: (now - started).to_std().unwrap_or_default(), needs_worker: false }
    }
}
