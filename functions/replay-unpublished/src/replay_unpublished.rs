//! Windows that were given up, joined where they are near, and replayed one at a time.

use chrono::TimeDelta;
use lambda_runtime::{Error, LambdaEvent};
use xzepr_domain::{Replay, ReplayFilter, TimeRange};
use xzepr_lambda::ReplayWorker;
use xzepr_store::{Start, Table};

use crate::queue::{BatchResponse, Messages};

pub(crate) struct ReplayUnpublished {
    table: Table,
    worker: ReplayWorker,
}

/// Windows that lie no further apart are one: what is between them is published once more, where a replay
/// for each would take days after an outage with few events.
const NEAR: TimeDelta = TimeDelta::hours(1);

/// A time range, and how many messages ask for it.
struct Window {
    range: TimeRange,
    messages: usize,
}

impl ReplayUnpublished {
    pub(crate) fn new(table: Table, worker: ReplayWorker) -> Self {
        Self { table, worker }
    }

    /// Acknowledges the messages whose windows a replay has published to its end, and starts a replay of the
    /// earliest other window, unless one is running. Every message but the first kind comes again: so a
    /// replay that is cancelled, or lost with its item, has acknowledged nothing. A replay can only cover a
    /// window whose records were in the table when it began: its range ends where the last of them arrived.
    pub(crate) async fn replay(&self, event: LambdaEvent<Messages>) -> Result<BatchResponse, Error> {
        let done = self.table.replays().await?.done;
        let (mut again, mut windows, mut replayed) = (Vec::new(), Vec::new(), 0);
        for message in &event.payload.records {
            match message.window() {
                Ok(range) if done.iter().any(|done| done.contains(range)) => replayed += 1,
                Ok(range) => {
                    windows.push(Window { range, messages: 1 });
                    again.push(message);
                }
                Err(error) => {
                    // It stays in the queue, where its age raises an alarm.
                    tracing::error!(message_id = message.message_id, "cannot read a message: {error}");
                    again.push(message);
                }
            }
        }
        if replayed > 0 {
            tracing::info!(messages = replayed, "windows that were given up are replayed");
        }
        if let Some(first) = join(windows).into_iter().next() {
            self.start(&first).await?;
        }
        Ok(BatchResponse { batch_item_failures: again.into_iter().map(Into::into).collect() })
    }

    async fn start(&self, window: &Window) -> Result<(), Error> {
        let replay = Replay::new(window.range, ReplayFilter::default(), false);
        let (start, end) = window.range.to_texts();
        match self.table.start_replay_alone(&replay).await? {
            Start::Started => {
                let replay = replay.id.to_string();
                tracing::warn!(
                    replay,
                    start,
                    end,
                    messages = window.messages,
                    "the event source mapping gave up records: a replay of their time starts"
                );
                self.worker.start(&replay).await;
            }
            Start::TooMany => tracing::warn!(start, end, "waits, since too many replays run"),
            Start::IsRunning(id) => tracing::info!(start, end, "waits for replay {id}"),
        }
        Ok(())
    }
}

/// Joins windows that overlap or are near; the earliest is the first.
fn join(mut windows: Vec<Window>) -> Vec<Window> {
    windows.sort_by_key(|window| window.range.start());
    let mut joined: Vec<Window> = Vec::new();
    for window in windows {
        match joined.last_mut().and_then(|last| Some((last.range.join(window.range, NEAR)?, last))) {
            Some((range, last)) => {
                last.range = range;
                last.messages += window.messages;
            }
            None => joined.push(window),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_that_overlap_or_are_near_are_one() {
        let window = |start: &str, end: &str| Window {
            range: TimeRange::parse(&format!("2024-01-15T{start}:00Z"), &format!("2024-01-15T{end}:00Z"))
                .unwrap(),
            messages: 1,
        };
        let joined = join(vec![
            window("14:00", "14:10"),
            window("10:10", "10:20"),
            window("11:20", "12:00"),
            window("10:11", "10:13"),
            window("13:01", "13:02"),
        ]);
        let texts: Vec<_> = joined.iter().map(|window| window.range.to_texts()).collect();
        let text = |time: &str| format!("2024-01-15T{time}:00Z");
        assert_eq!(texts, [(text("10:10"), text("12:00")), (text("13:01"), text("14:10"))]);
    }
}
