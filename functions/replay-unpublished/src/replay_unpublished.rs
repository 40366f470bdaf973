//! Acknowledges or replays the windows in one batch of the on-failure queue.

use lambda_runtime::{Error, LambdaEvent};
use xzepr_batch::{Batch, BatchResponse, SqsMessage};
use xzepr_domain::{Replay, ReplayFilter};
use xzepr_lambda::InvokeWorker;
use xzepr_store::StartOutcome;
use xzepr_telemetry::metrics::emit;

use crate::{
    store::StartReplays,
    window::{Window, earliest, window},
};

pub(crate) struct ReplayUnpublished<T, W> {
    table: T,
    worker: W,
}

impl<T: StartReplays, W: InvokeWorker> ReplayUnpublished<T, W> {
    pub(crate) fn new(table: T, worker: W) -> Self {
        Self { table, worker }
    }

    /// Acknowledges the messages whose windows were replayed completely, and starts a replay of the earliest other
    /// window, unless one is running. The queue delivers every other message again. So a replay that is cancelled, or
    /// whose item is lost, acknowledges nothing. If the range of a replay covers a window, the window's records were in
    /// the table when the replay began, because a range ends where the last of its records arrived.
    pub(crate) async fn replay(&self, event: LambdaEvent<Batch<SqsMessage>>) -> Result<BatchResponse, Error> {
        let done = self.table.done().await?;
        let (mut unacknowledged, mut windows, mut replayed) = (Vec::new(), Vec::new(), 0);
        for SqsMessage { message_id, body } in event.payload.records {
            match window(&body) {
                Ok(range) if done.iter().any(|done| done.contains(range)) => replayed += 1,
                Ok(range) => {
                    windows.push(range);
                    unacknowledged.push(message_id);
                }
                Err(error) => {
                    // The message stays in the queue, where its age raises an alarm.
                    tracing::error!(message_id, "cannot read a message: {error}");
                    unacknowledged.push(message_id);
                }
            }
        }
        if replayed > 0 {
            tracing::info!(messages = replayed, "records that were given up are replayed");
        }
        if let Some(window) = earliest(windows) {
            self.start(&window).await?;
        }
        emit([]);
        Ok(unacknowledged.into_iter().collect())
    }

    async fn start(&self, window: &Window) -> Result<(), Error> {
        let replay = Replay::new(window.range, ReplayFilter::default(), false);
        let (start, end) = window.range.to_texts();
        match self.table.start_alone(&replay).await? {
            StartOutcome::Started => {
                let replay = replay.id.to_string();
                tracing::warn!(
                    replay,
                    start,
                    end,
                    messages = window.messages,
                    "the event source mapping gave up records, and a replay of their time starts"
                );
                self.worker.invoke(&replay).await;
            }
            StartOutcome::TooMany => tracing::warn!(start, end, "a window waits, since too many replays run"),
            StartOutcome::AlreadyRunning(id) => tracing::info!(start, end, "a window waits for replay {id}"),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, sync::Mutex};

    use lambda_runtime::Context;
    use xzepr_domain::TimeRange;
    use xzepr_store::StoreError;

    use super::*;

    /// A table with the ranges of done replays, and at most one running replay.
    #[derive(Default)]
    struct FakeTable {
        done: Vec<TimeRange>,
        running: Option<String>,
        started: RefCell<Vec<Replay>>,
    }

    impl StartReplays for FakeTable {
        async fn done(&self) -> Result<Vec<TimeRange>, StoreError> {
            Ok(self.done.clone())
        }

        async fn start_alone(&self, replay: &Replay) -> Result<StartOutcome, StoreError> {
            match &self.running {
                Some(id) => Ok(StartOutcome::AlreadyRunning(id.clone())),
                None => {
                    self.started.borrow_mut().push(replay.clone());
                    Ok(StartOutcome::Started)
                }
            }
        }
    }

    #[derive(Default)]
    struct FakeWorker(Mutex<Vec<String>>);

    impl InvokeWorker for FakeWorker {
        async fn invoke(&self, replay: &str) {
            self.0.lock().unwrap().push(replay.to_owned());
        }
    }

    fn body(first: &str, last: &str) -> String {
        format!(
            r#"{{"DDBStreamBatchInfo": {{"approximateArrivalOfFirstRecord": "2019-11-14T{first}Z",
            "approximateArrivalOfLastRecord": "2019-11-14T{last}Z"}}}}"#
        )
    }

    type Function = ReplayUnpublished<FakeTable, FakeWorker>;

    fn function() -> Function {
        ReplayUnpublished::new(FakeTable::default(), FakeWorker::default())
    }

    async fn response(function: &Function, bodies: &[String]) -> BatchResponse {
        let messages = bodies
            .iter()
            .enumerate()
            .map(|(index, body)| SqsMessage { message_id: index.to_string(), body: body.clone() });
        let event = LambdaEvent::new(Batch { records: messages.collect() }, Context::default());
        function.replay(event).await.unwrap()
    }

    fn failed(ids: &[&str]) -> BatchResponse {
        ids.iter().map(ToString::to_string).collect()
    }

    #[tokio::test]
    async fn a_window_starts_a_replay_and_is_acknowledged_when_a_replay_has_covered_it() {
        let mut function = function();
        let messages = [body("00:13:19", "00:14:19")];
        assert_eq!(response(&function, &messages).await, failed(&["0"]));
        let started = function.table.started.take();
        assert_eq!(started.len(), 1);
        assert_eq!(*function.worker.0.lock().unwrap(), [started[0].id.to_string()]);

        function.table.done = vec![started[0].range];
        assert_eq!(response(&function, &messages).await, BatchResponse::success());
        assert!(function.table.started.borrow().is_empty());
        assert_eq!(function.worker.0.lock().unwrap().len(), 1);
    }

    #[tokio::test]
    async fn while_a_replay_runs_every_message_stays_in_the_queue() {
        let mut function = function();
        function.table.running = Some("another".to_owned());
        let messages = [body("00:13:19", "00:14:19"), body("05:00:00", "05:01:00")];
        assert_eq!(response(&function, &messages).await, failed(&["0", "1"]));
        assert!(function.worker.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn only_the_earliest_windows_get_a_replay() {
        let function = function();
        let messages =
            [body("05:00:00", "05:01:00"), body("00:13:19", "00:14:19"), body("00:20:00", "00:21:00")];
        assert_eq!(response(&function, &messages).await, failed(&["0", "1", "2"]));
        let started = function.table.started.take();
        let range = TimeRange::parse("2019-11-14T00:12:19Z", "2019-11-14T00:21:10Z").unwrap();
        assert_eq!(started.iter().map(|replay| replay.range).collect::<Vec<_>>(), [range]);
    }

    #[tokio::test]
    async fn a_message_that_cannot_be_read_stays_in_the_queue_and_does_not_stop_others() {
        let function = function();
        let messages = ["poison".to_owned(), body("00:13:19", "00:14:19")];
        assert_eq!(response(&function, &messages).await, failed(&["0", "1"]));
        assert_eq!(function.table.started.borrow().len(), 1);
    }
}
