//! Acknowledges or replays the windows in one batch of the on-failure queue.

use lambda_runtime::{Error, LambdaEvent};
use xzepr_batch::{Batch, BatchResponse, SqsMessage};
use xzepr_domain::{Replay, ReplayFilter, ReplayTarget, TimeRange};
use xzepr_lambda::InvokeWorker;
use xzepr_store::{ReplayedRange, StartOutcome};
use xzepr_telemetry::metrics::emit;

use crate::{
    store::StartReplays,
    window::{GivenUp, Window, earliest},
};

pub(crate) struct ReplayUnpublished<T, W> {
    table: T,
    worker: W,
    /// The name of the function whose records are indexed.
    index_events: String,
}

impl<T: StartReplays, W: InvokeWorker> ReplayUnpublished<T, W> {
    pub(crate) fn new(table: T, worker: W, index_events: String) -> Self {
        Self { table, worker, index_events }
    }

    /// Acknowledges the messages whose windows were replayed completely to the target of their function. Starts a replay
    /// of the earliest other window of each target, unless one to that target is running. The queue delivers every other message again. So a replay that is cancelled, or
    /// whose item is lost, acknowledges nothing. If the range of a replay covers a window, the window's records were in
    /// the table when the replay began, because a range ends where the last of its records arrived.
    pub(crate) async fn replay(&self, event: LambdaEvent<Batch<SqsMessage>>) -> Result<BatchResponse, Error> {
        let done = self.table.done().await?;
        let (mut unacknowledged, mut windows, mut replayed) = (Vec::new(), Vec::new(), 0);
        for SqsMessage { message_id, body } in event.payload.records {
            match GivenUp::parse(&body).and_then(|given_up| Ok((self.target(&given_up), given_up.window()?)))
            {
                Ok((target, range)) if is_done(&done, target, range) => replayed += 1,
                Ok(window) => {
                    windows.push(window);
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
        for target in ReplayTarget::ALL {
            let of_target = windows.iter().filter(|(other, _)| *other == target).map(|(_, range)| *range);
            if let Some(window) = earliest(of_target.collect()) {
                self.start(target, &window).await?;
            }
        }
        emit([]);
        Ok(unacknowledged.into_iter().collect())
    }

    fn target(&self, given_up: &GivenUp) -> ReplayTarget {
        match given_up.function_name() {
            Some(name) if name == self.index_events => ReplayTarget::Index,
            _ => ReplayTarget::Kafka,
        }
    }

    async fn start(&self, target: ReplayTarget, window: &Window) -> Result<(), Error> {
        let replay = Replay { target, ..Replay::new(window.range, ReplayFilter::default(), false) };
        let (start, end) = window.range.to_texts();
        let target = target.as_str();
        match self.table.start_alone(&replay).await? {
            StartOutcome::Started => {
                let replay = replay.id.to_string();
                tracing::warn!(
                    replay,
                    target,
                    start,
                    end,
                    messages = window.messages,
                    "the event source mapping gave up records, and a replay of their time starts"
                );
                self.worker.invoke(&replay).await;
            }
            StartOutcome::TooMany => {
                tracing::warn!(target, start, end, "a window waits, since too many replays run");
            }
            StartOutcome::AlreadyRunning(id) => {
                tracing::info!(target, start, end, "a window waits for replay {id}");
            }
        }
        Ok(())
    }
}

/// Whether a replay to this target has covered the range.
fn is_done(done: &[ReplayedRange], target: ReplayTarget, range: TimeRange) -> bool {
    done.iter().any(|done| done.target == target && done.range.contains(range))
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, sync::Mutex};

    use lambda_runtime::Context;
    use xzepr_store::StoreError;

    use super::*;

    /// A table with the ranges of done replays, and at most one running replay.
    #[derive(Default)]
    struct FakeTable {
        done: Vec<ReplayedRange>,
        running: Option<String>,
        started: RefCell<Vec<Replay>>,
    }

    impl StartReplays for FakeTable {
        async fn done(&self) -> Result<Vec<ReplayedRange>, StoreError> {
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
        ReplayUnpublished::new(FakeTable::default(), FakeWorker::default(), "stack-index-events".to_owned())
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

        function.table.done = vec![ReplayedRange { target: ReplayTarget::Kafka, range: started[0].range }];
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
    async fn the_records_of_index_events_get_a_replay_of_their_own() {
        let mut function = function();
        let of_index = format!(
            r#"{{"requestContext": {{"functionArn":
            "arn:aws:lambda:eu-west-1:123456789012:function:stack-index-events:live"}}, {}"#,
            &body("00:13:19", "00:14:19")[1..]
        );
        let messages = [body("00:13:19", "00:14:19"), of_index];
        assert_eq!(response(&function, &messages).await, failed(&["0", "1"]));
        let started = function.table.started.take();
        assert_eq!(
            started.iter().map(|replay| replay.target).collect::<Vec<_>>(),
            [ReplayTarget::Kafka, ReplayTarget::Index]
        );

        // A replay of the same range to the other target acknowledges nothing.
        function.table.done = vec![ReplayedRange { target: ReplayTarget::Index, range: started[1].range }];
        assert_eq!(response(&function, &messages).await, failed(&["0"]));
        assert_eq!(function.table.started.take()[0].target, ReplayTarget::Kafka);
    }

    #[tokio::test]
    async fn a_message_that_cannot_be_read_stays_in_the_queue_and_does_not_stop_others() {
        let function = function();
        let messages = ["poison".to_owned(), body("00:13:19", "00:14:19")];
        assert_eq!(response(&function, &messages).await, failed(&["0", "1"]));
        assert_eq!(function.table.started.borrow().len(), 1);
    }
}
