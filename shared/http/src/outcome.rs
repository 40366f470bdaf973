//! How requests end, for the log and the metrics: one line and one count for each request, or for each event of a
//! batch.

use std::{fmt::Display, time::Instant};

use tokio::task_local;
use xzepr_telemetry::metrics::{definitions::REQUESTS, record};

use crate::{HttpError, Route, routes};

/// The request that a task answers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answering {
    route: Option<Route>,
    started: Instant,
}

task_local! {
    static ANSWERING: Answering;
}

impl Answering {
    /// A request over a route, which arrives now. A path that is unknown has no route.
    pub(crate) fn now(route: Option<Route>) -> Self {
        Self { route, started: Instant::now() }
    }

    /// Handles the request. During that time its outcomes have its route.
    pub(crate) async fn scope<F: Future>(self, handling: F) -> F::Output {
        ANSWERING.scope(self, handling).await
    }

    fn current() -> Self {
        ANSWERING.try_with(|answering| *answering).unwrap_or_else(|_| Self::now(None))
    }

    /// The path that names the route.
    fn path(&self) -> Option<&'static str> {
        self.route?.paths().first().copied()
    }

    fn duration_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// The kind of thing that the route creates or changes. A read has none, and is not counted.
    fn kind(&self) -> Option<&'static str> {
        Some(match self.route? {
            routes::CREATE_EVENT | routes::CREATE_EVENTS => "event",
            routes::CREATE_EVENT_RECEIVER => "receiver",
            routes::CREATE_EVENT_RECEIVER_GROUP | routes::MODIFY_EVENT_RECEIVER_GROUP => "group",
            routes::START_REPLAY | routes::CANCEL_REPLAY => "replay",
            _ => return None,
        })
    }

    fn count(&self, outcome: &'static str, number: usize) {
        if let Some(kind) = self.kind() {
            record(REQUESTS.labelled([kind, outcome], number));
        }
    }
}

/// Something that a request has created, or that an earlier request created and this one repeats.
#[derive(Clone, Copy, Default)]
pub struct Stored<'a> {
    /// Whether an earlier request created it.
    pub is_repeated: bool,
    /// The id of the event, or of the system event of a new receiver or group.
    pub event: Option<&'a dyn Display>,
    /// The id of the receiver, or of the event's receiver.
    pub receiver: Option<&'a dyn Display>,
    /// The id of the group.
    pub group: Option<&'a dyn Display>,
}

impl Stored<'_> {
    /// Logs one line with the ids, and counts the request, or the event of a batch.
    pub fn log(self) {
        let answering = Answering::current();
        let outcome = if self.is_repeated { "repeated" } else { "accepted" };
        tracing::info!(
            event_id = self.event.map(display),
            receiver_id = self.receiver.map(display),
            group_id = self.group.map(display),
            route = answering.path(),
            duration_ms = answering.duration_ms(),
            "{outcome}"
        );
        answering.count(outcome, 1);
    }
}

/// Counts a request that changes something and has no [`Stored`].
pub(crate) fn changed() {
    let answering = Answering::current();
    if answering.kind() == Some("replay") {
        answering.count("accepted", 1);
    }
}

/// Logs one line for requests, or events of a batch, that did not succeed for the same reason, and counts them. It is
/// an error if this side failed, information if they are refused. The body is never in it.
pub(crate) fn not_stored(error: &HttpError, number: usize) {
    let answering = Answering::current();
    let (route, duration_ms) = (answering.path(), answering.duration_ms());
    let events = (answering.kind() == Some("event")).then_some(number);
    if error.is_ours() {
        tracing::error!(route, duration_ms, events, "{error}");
        return answering.count("failed", number);
    }
    match error {
        HttpError::Rejected(rejected) if number == 1 => {
            let fields: Vec<_> = rejected.faults.iter().map(|fault| fault.field).collect();
            tracing::info!(route, duration_ms, events, ?fields, "refused: {error}");
        }
        _ => tracing::info!(route, duration_ms, events, "refused: {error}"),
    }
    answering.count("refused", number);
}
