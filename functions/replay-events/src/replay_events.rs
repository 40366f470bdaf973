//! One batch: the slices that are to begin, each with its share of the invocation's time.

use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent};
use serde_json::{Value, json};
use tokio::{sync::Mutex, time::Instant};
use xzepr_domain::ReplayState;
use xzepr_publishing::{Publisher, time_left};
use xzepr_store::Table;

use crate::{batch::Batch, pace::Pace, slice::Slice};

/// How long one invocation works at most before it hands over to the next.
const LONGEST_SLICE: Duration = Duration::from_secs(30);

pub(crate) struct ReplayEvents {
    table: Table,
    publisher: Mutex<Publisher>,
    max_events_per_second: u32,
}

impl ReplayEvents {
    pub(crate) fn new(table: Table, publisher: Publisher, max_events_per_second: u32) -> Self {
        Self { table, publisher: Mutex::new(publisher), max_events_per_second }
    }

    /// Fails when the table does; then the event source mapping delivers the batch again, and every replay
    /// goes on where it was kept last.
    pub(crate) async fn replay(&self, event: LambdaEvent<Batch>) -> Result<Value, Error> {
        let ends = Instant::now() + time_left(event.context.deadline());
        let mut publisher = self.publisher.lock().await;
        let slices = event.payload.slices();
        let mut waiting = u32::try_from(slices.len()).unwrap_or(u32::MAX);
        for (id, slice) in slices {
            let share = ends.saturating_duration_since(Instant::now()) / waiting.max(1);
            waiting -= 1;
            let Some(replay) = self.table.replay(id).await? else { continue };
            // Another record, later on the stream, stands for a slice that is not this one.
            if replay.state != ReplayState::Running || replay.slice != slice {
                continue;
            }
            let slice = Slice {
                table: &self.table,
                publisher: &mut publisher,
                pace: Pace::new(self.max_events_per_second),
                replay,
                hand_over: Instant::now() + share.min(LONGEST_SLICE),
                ends,
            };
            slice.run().await?;
        }
        Ok(json!({"batchItemFailures": []}))
    }
}
