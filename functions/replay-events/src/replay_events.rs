//! One invocation: one replay, for as long as the invocation has time.

use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent};
use serde::{Deserialize, Serialize};
use tokio::{sync::Mutex, time::Instant};
use xzepr_domain::ReplayId;
use xzepr_publishing::{Publisher, time_left_or};
use xzepr_settings::ReplaySettings;
use xzepr_store::{Lease, Table};

use crate::{
    pace::Pace,
    slice::{Ended, Slice},
};

/// Where no deadline is given, an invocation ends before the timeout of template.yaml.
const WITHOUT_DEADLINE: Duration = Duration::from_secs(840);

/// An event that is sent to Kafka later than this before the invocation's end could be without a report by then.
const LAST_PUBLISH: Duration = Duration::from_secs(60);

pub(crate) struct ReplayEvents {
    table: Table,
    publisher: Mutex<Publisher>,
    settings: ReplaySettings,
}

#[derive(Deserialize)]
pub(crate) struct Request {
    replay: String,
}

/// Which replay, and how the work on it ended.
#[derive(Serialize)]
pub(crate) struct Answer {
    replay: String,
    ended: Ended,
}

impl ReplayEvents {
    pub(crate) fn new(table: Table, publisher: Publisher, settings: ReplaySettings) -> Self {
        Self { table, publisher: Mutex::new(publisher), settings }
    }

    /// Fails when the table does; then the replay goes on at its last checkpoint, when its lease has ended.
    pub(crate) async fn replay(&self, event: LambdaEvent<Request>) -> Result<Answer, Error> {
        let ends = Instant::now() + time_left_or(event.context.deadline(), WITHOUT_DEADLINE);
        let Request { replay } = event.payload;
        let id: ReplayId = replay.parse().map_err(|error| format!("replay {error}"))?;
        let ended = match self.table.lease_replay(id, self.settings.lease).await? {
            Lease::Taken(replay) => {
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
            Lease::IsTaken => Ended::IsTaken,
            Lease::HasEnded => Ended::BeforeItBegan,
            Lease::Unknown => return Err(format!("there is no replay {id}").into()),
        };
        tracing::info!(replay, ended = ?ended, "the work on a replay ended");
        Ok(Answer { replay, ended })
    }
}
