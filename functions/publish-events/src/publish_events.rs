//! One batch: records to messages, messages to Kafka, and where the mapping has to go on.

use std::{
    collections::HashSet,
    panic::catch_unwind,
    time::{Duration, Instant, SystemTime},
};

use lambda_runtime::{Error, LambdaEvent};
use serde_json::value::RawValue;
use tokio::sync::Mutex;
use xzepr_cloudevents::{Message, message};
use xzepr_kafka::{MESSAGE_TIMEOUT, Producer, Undelivered};
use xzepr_store::{RecordKind, StreamRecord};

use crate::batch::{Batch, BatchResponse};

/// Time kept after the last delivery report: to purge, to learn why, and to answer.
const MARGIN: Duration = Duration::from_secs(10);

pub(crate) struct PublishEvents {
    state: Mutex<State>,
}

struct State {
    producer: Producer,
    /// The keys of what the last batch that failed has on the topic all the same: its retry does not send
    /// them again.
    acknowledged: HashSet<String>,
}

/// A record to publish, and what names it in the answer.
struct Publication {
    sequence_number: Option<String>,
    keys: String,
    message: Message,
}

impl PublishEvents {
    pub(crate) fn new(producer: Producer) -> Self {
        Self { state: Mutex::new(State { producer, acknowledged: HashSet::new() }) }
    }

    pub(crate) async fn publish(&self, event: LambdaEvent<Batch>) -> Result<BatchResponse, Error> {
        let started = Instant::now();
        let records = event.payload.records;
        let publications: Vec<_> = records.iter().filter_map(|record| publication(record)).collect();
        let within = time_left(event.context.deadline());
        let outcomes = self.state.lock().await.send(publications, within).await;

        let count = outcomes.len();
        let failures: Vec<_> = outcomes
            .into_iter()
            .filter_map(|(publication, delivery)| Some((publication, delivery.err()?)))
            .collect();
        tracing::info!(
            records = records.len(),
            published = count - failures.len(),
            failed = failures.len(),
            duration_ms = started.elapsed().as_millis(),
            "batch ended"
        );
        let (permanent, transient): (Vec<_>, Vec<_>) =
            failures.into_iter().partition(|(_, error)| error.is_permanent());
        for (publication, error) in permanent {
            tracing::error!(keys = publication.keys, "skipped an event that cannot be published: {error}");
        }
        let Some((first, error)) = transient.into_iter().next() else {
            return Ok(BatchResponse::all_published());
        };
        tracing::error!(keys = first.keys, "could not publish: {error}");
        match first.sequence_number {
            Some(sequence_number) => Ok(BatchResponse::retry_from(sequence_number)),
            None => Err("the first failed record has no sequence number: retry the batch".into()),
        }
    }
}

impl State {
    /// Sends what is not acknowledged yet, and remembers what is, as long as something failed.
    async fn send(
        &mut self,
        publications: Vec<Publication>,
        within: Duration,
    ) -> Vec<(Publication, Result<(), Undelivered>)> {
        let (known, to_send): (Vec<_>, Vec<_>) = publications
            .into_iter()
            .partition(|publication| self.acknowledged.contains(&publication.message.key));
        let messages = to_send.iter().map(|publication| &publication.message);
        let deliveries = self.producer.publish(messages, within).await;
        if deliveries.iter().all(Result::is_ok) {
            self.acknowledged.clear();
        } else {
            let delivered = to_send.iter().zip(&deliveries).filter(|(_, delivery)| delivery.is_ok());
            let known = known.iter().chain(delivered.map(|(publication, _)| publication));
            self.acknowledged = known.map(|publication| publication.message.key.clone()).collect();
        }
        let known = known.into_iter().map(|publication| (publication, Ok(())));
        known.chain(to_send.into_iter().zip(deliveries)).collect()
    }
}

/// The message of a record; `None` for one that is of no concern, or can never be published. A panic is
/// the record's own failure, not the batch's.
fn publication(record: &RawValue) -> Option<Publication> {
    let StreamRecord { sequence_number, keys, kind } = StreamRecord::parse(record);
    match kind {
        RecordKind::Event(event) => match catch_unwind(|| message(&event)) {
            Ok(Ok(message)) => Some(Publication { sequence_number, keys, message }),
            Ok(Err(error)) => {
                tracing::error!(keys, "skipped an event that has no message: {error}");
                None
            }
            Err(_) => {
                tracing::error!(keys, "skipped an event whose message panics");
                None
            }
        },
        RecordKind::Other => None,
        RecordKind::Unknown(why) => {
            tracing::error!(keys, "skipped a record of unknown shape: {why}");
            None
        }
    }
}

/// The time left for delivery reports. `cargo lambda watch` gives a deadline in the past; then the
/// messages' own timeout bounds the wait.
fn time_left(deadline: SystemTime) -> Duration {
    match deadline.duration_since(SystemTime::now()) {
        Ok(left) => left.saturating_sub(MARGIN),
        Err(_) => MESSAGE_TIMEOUT + MARGIN,
    }
}
