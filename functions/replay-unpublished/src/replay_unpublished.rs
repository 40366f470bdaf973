//! Windows that were given up, joined where they are near, and replayed one at a time.

use chrono::TimeDelta;
use lambda_runtime::{Error, LambdaEvent};
use xzepr_domain::{Replay, ReplayFilter, TimeRange};
use xzepr_store::{Start, Table};

use crate::queue::{BatchResponse, Message, Messages};

pub(crate) struct ReplayUnpublished {
    table: Table,
}

/// Windows that lie no further apart are one: what is between them is published once more, where a replay
/// for each would take days after an outage with few events.
const NEAR: TimeDelta = TimeDelta::hours(1);

/// A time range, and the messages that ask for it.
struct Window<'a> {
    range: TimeRange,
    messages: Vec<&'a Message>,
}

impl ReplayUnpublished {
    pub(crate) fn new(table: Table) -> Self {
        Self { table }
    }

    /// Starts a replay of the earliest window, unless one is running. Every other message comes again: an
    /// outage leaves thousands of them side by side, which are one replay when Kafka is back.
    pub(crate) async fn replay(&self, event: LambdaEvent<Messages>) -> Result<BatchResponse, Error> {
        let (mut again, mut windows) = (Vec::new(), Vec::new());
        for message in &event.payload.records {
            match message.window() {
                Ok(range) => windows.push(Window { range, messages: vec![message] }),
                Err(error) => {
                    // It stays in the queue, where its age raises an alarm.
                    tracing::error!(message_id = message.message_id, "cannot read a message: {error}");
                    again.push(message);
                }
            }
        }
        let mut windows = join(windows).into_iter();
        if let Some(first) = windows.next() {
            let replay = Replay::new(first.range, ReplayFilter::default(), false);
            let (start, end) = first.range.to_texts();
            match self.table.start_replay_alone(&replay).await? {
                Start::Started => tracing::warn!(
                    replay = replay.id.to_string(),
                    start,
                    end,
                    "the event source mapping gave up records: a replay of their time starts"
                ),
                Start::IsRunning(id) => {
                    tracing::info!(start, end, "waits for replay {id}");
                    again.extend(first.messages);
                }
            }
        }
        again.extend(windows.flat_map(|window| window.messages));
        Ok(BatchResponse { batch_item_failures: again.into_iter().map(Into::into).collect() })
    }
}

/// Joins windows that overlap or are near; the earliest is the first.
fn join(mut windows: Vec<Window<'_>>) -> Vec<Window<'_>> {
    windows.sort_by_key(|window| window.range.start());
    let mut joined: Vec<Window<'_>> = Vec::new();
    for window in windows {
        match joined.last_mut().and_then(|last| Some((last.range.join(window.range, NEAR)?, last))) {
            Some((range, last)) => {
                last.range = range;
                last.messages.extend(window.messages);
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
            messages: Vec::new(),
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
