//! One invocation. It works on one replay for as long as it has time.

use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent};
use serde::{Deserialize, Serialize};
use tokio::{sync::Mutex, time::Instant};
use xzepr_domain::{Replay, ReplayId, ReplayTarget};
use xzepr_publishing::{Publish, time_left_or};
use xzepr_settings::ReplaySettings;
use xzepr_store::{LeaseOutcome, StoreError, Table};

use crate::{
    index::{Index, Rebuild},
    kafka::Kafka,
    pace::Pace,
    slice::{Ended, Slice},
    target::Target,
};

/// The time of an invocation without a deadline. It is less than the timeout of template.yaml.
const WITHOUT_DEADLINE: Duration = Duration::from_secs(840);

/// In the last minute of an invocation no page begins, since a delivery report might come too late.
const LAST_PAGE: Duration = Duration::from_secs(60);

pub(crate) struct ReplayEvents<P, I> {
    table: Table,
    publisher: Mutex<P>,
    indexer: I,
    settings: ReplaySettings,
}

#[derive(Deserialize)]
pub(crate) struct Request {
    replay: String,
}

/// The replay, and how the work on it ended.
#[derive(Serialize)]
pub(crate) struct Response {
    replay: String,
    ended: Ended,
}

impl<P: Publish, I: Rebuild> ReplayEvents<P, I> {
    pub(crate) fn new(table: Table, publisher: P, indexer: I, settings: ReplaySettings) -> Self {
        Self { table, publisher: Mutex::new(publisher), indexer, settings }
    }

    /// Fails if the table fails. Then the next invocation continues at the last checkpoint, after the end of the lease.
    pub(crate) async fn replay(&self, event: LambdaEvent<Request>) -> Result<Response, Error> {
        let ends = Instant::now() + time_left_or(event.context.deadline(), WITHOUT_DEADLINE);
        let Request { replay } = event.payload;
        let id: ReplayId = replay.parse().map_err(|error| format!("replay {error}"))?;
        let ended = match self.table.lease_replay(id, self.settings.lease).await? {
            LeaseOutcome::Leased(replay) => match replay.target {
                ReplayTarget::Kafka => {
                    self.work(*replay, Kafka(&mut *self.publisher.lock().await), ends).await?
                }
                ReplayTarget::Index => self.work(*replay, Index(&self.indexer), ends).await?,
            },
            LeaseOutcome::AlreadyLeased => Ended::AlreadyLeased,
            LeaseOutcome::AlreadyEnded => Ended::BeforeItBegan,
            LeaseOutcome::Unknown => return Err(format!("there is no replay {id}").into()),
        };
        tracing::info!(replay, ended = ?ended, "the work on a replay ended");
        Ok(Response { replay, ended })
    }

    async fn work(&self, replay: Replay, target: impl Target, ends: Instant) -> Result<Ended, StoreError> {
        let slice = Slice {
            table: &self.table,
            target,
            pace: Pace::new(self.settings.max_events_per_second),
            lease: self.settings.lease,
            replay,
            last_page: ends.checked_sub(LAST_PAGE).unwrap_or(ends),
            ends,
        };
        slice.run().await
    }
}
