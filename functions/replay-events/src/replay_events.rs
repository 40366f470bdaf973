//! One invocation. It works on one replay for as long as it has time.

use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent};
use serde::{Deserialize, Serialize};
use tokio::{sync::Mutex, time::Instant};
use xzepr_domain::ReplayId;
use xzepr_publishing::{Publish, time_left_or};
use xzepr_settings::ReplaySettings;
use xzepr_store::{LeaseOutcome, Table};

use crate::{
    pace::Pace,
    slice::{Ended, Slice},
};

/// The time of an invocation without a deadline. It is less than the timeout of template.yaml.
const WITHOUT_DEADLINE: Duration = Duration::from_secs(840);

/// In the last minute of an invocation no event is sent, since its delivery report might come too late.
const LAST_PUBLISH: Duration = Duration::from_secs(60);

pub(crate) struct ReplayEvents<P> {
    table: Table,
    publisher: Mutex<P>,
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

impl<P: Publish> ReplayEvents<P> {
    pub(crate) fn new(table: Table, publisher: P, settings: ReplaySettings) -> Self {
        Self { table, publisher: Mutex::new(publisher), settings }
    }

    /// Fails if the table fails. Then the next invocation continues at the last checkpoint, after the end of the lease.
    pub(crate) async fn replay(&self, event: LambdaEvent<Request>) -> Result<Response, Error> {
        let ends = Instant::now() + time_left_or(event.context.deadline(), WITHOUT_DEADLINE);
        let Request { replay } = event.payload;
        let id: ReplayId = replay.parse().map_err(|error| format!("replay {error}"))?;
        let ended = match self.table.lease_replay(id, self.settings.lease).await? {
            LeaseOutcome::Leased(replay) => {
                let slice = Slice {
                    table: &self.table,
                    publisher: &mut *self.publisher.lock().await,
                    pace: Pace::new(self.settings.max_events_per_second),
                    lease: self.settings.lease,
                    replay: *replay,
                    last_publish: ends.checked_sub(LAST_PUBLISH).unwrap_or(ends),
                    ends,
                };
                slice.run().await?
            }
            LeaseOutcome::AlreadyLeased => Ended::AlreadyLeased,
            LeaseOutcome::AlreadyEnded => Ended::BeforeItBegan,
            LeaseOutcome::Unknown => return Err(format!("there is no replay {id}").into()),
        };
        tracing::info!(replay, ended = ?ended, "the work on a replay ended");
        Ok(Response { replay, ended })
    }
}
