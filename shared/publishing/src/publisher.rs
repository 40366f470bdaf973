//! Sends publications, and stores a dead letter for each that can never be sent.

mod dead_letters;
mod make;
mod measure;
mod send;

use std::{
    future::Future,
    iter,
    time::{Duration, Instant},
};

use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use xzepr_kafka::{AccessError, Producer, Undelivered};
use xzepr_messages::{Message, Messages};
use xzepr_schema_registry::{SchemaError, SchemaRegistry};
use xzepr_settings::{Settings, SettingsError};
use xzepr_store::{DeadLetterState, DeadLetters, Key, StoreError, Table};
use xzepr_telemetry::metrics::emit;

use self::measure::{Tried, record_connection};
use crate::{
    outcome::{Outcome, RecordOutcome},
    publication::{Publication, Scope},
    receivers::{ReadReceivers, Receivers},
    record::{Made, Record},
    schemas::{FindSchemaIds, Schemas},
    settled::{RecordId, Settled, Settlement},
    traces::Traces,
};

/// How many dead letters are written at once. A refused topic makes one of each event of a batch, while the messages of
/// other routes wait for the next batch.
const DEAD_LETTER_WRITES: usize = 25;

/// The messages of a batch are made and sent in rounds of about this many bytes. Many routes make many times the bytes of
/// a batch, and librdkafka copies them once more.
const ROUND_BYTES: usize = 24 * 1024 * 1024;

/// How long a round may wait for ids of the schema registry. Afterwards only known ids are used.
const FRAMED_WITHIN: Duration = Duration::from_secs(10);

/// How long the schema registry may take in a function's init, which Lambda ends after 10 s.
const REGISTERED_WITHIN: Duration = Duration::from_secs(6);

/// Sends messages to Kafka.
pub trait SendMessages {
    /// Sends messages together and in order, and waits for every delivery report, at most `within`. Returns one result
    /// for each message, in their order.
    fn send(
        &mut self,
        messages: &[&Message],
        within: Duration,
    ) -> impl Future<Output = Vec<Result<(), Undelivered>>>;
}

/// Stores dead letters.
pub trait AddDeadLetters {
    /// Stores that an item, or the message of one of its routes, can never be published, after this number of earlier
    /// attempts.
    fn add(
        &self,
        key: &Key,
        reason: &str,
        earlier_attempts: u32,
    ) -> impl Future<Output = Result<DeadLetterState, StoreError>>;
}

/// Publishes items. This is the part of a [`Publisher`] that the functions use.
pub trait Publish {
    /// Sends the messages of publications together and in order, and waits for every delivery report, at most `within`.
    /// Returns one outcome for each publication, in their order. A message that is on its topic since an earlier,
    /// partly failed batch is not sent again.
    fn publish(
        &mut self,
        publications: &[Publication],
        within: Duration,
    ) -> impl Future<Output = Vec<Outcome>>;

    /// The outcomes if Kafka accepted every message. Sends nothing.
    fn preview(&mut self, publications: &[Publication]) -> impl Future<Output = Vec<Outcome>>;
}

/// Publishes items. A process has one publisher.
pub struct Publisher<P = Producer, D = DeadLetters, R = Table, S = SchemaRegistry> {
    messages: Messages,
    schemas: Option<Schemas<S>>,
    producer: P,
    dead_letters: D,
    receivers: Receivers<R>,
    settled: Settled,
    traces: Option<Traces>,
}

/// The reason why there is no publisher.
#[derive(Debug, thiserror::Error)]
pub enum PublisherError {
    /// A setting is wrong.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// Certificates for Kafka are wrong.
    #[error(transparent)]
    Kafka(#[from] AccessError),
    /// The secret or the CA for the schema registry is wrong.
    #[error(transparent)]
    SchemaRegistry(#[from] xzepr_schema_registry::AccessError),
}

impl Publisher {
    /// Reads the settings, and checks the certificates in them. Reads the secret for the schema registry, and connects
    /// to nothing else. Prepares the client of the table if messages need receivers. Otherwise only dead letters need it.
    pub async fn new(
        settings: &Settings,
        table: Table,
        dead_letters: DeadLetters,
    ) -> Result<Self, PublisherError> {
        let (kafka, messages) = (settings.kafka()?, Messages::new(settings.messages()?));
        let schemas = match settings.schema_registry()? {
            Some(settings) => Some(Schemas {
                registry: Box::pin(SchemaRegistry::connect(&settings)).await?,
                strategy: settings.subject_name_strategy,
            }),
            None => None,
        };
        let traces = Traces::from_environment(&kafka.brokers);
        let producer = Producer::new(kafka)?;
        if schemas.is_some() || messages.reads_receivers() {
            table.prepare();
        }
        let publisher = Self::from_parts(messages, schemas, producer, dead_letters, table);
        Ok(Self { traces, ..publisher })
    }

    /// Registers the schemas of the routes' formats in a function's init. An error is a schema that the registry
    /// refuses. A registry that does not respond is no error, since the first batch asks it again.
    pub async fn register_schemas(&self) -> Result<(), SchemaError> {
        match timeout(REGISTERED_WITHIN, Box::pin(self.register_known())).await {
            Ok(registered) => registered,
            Err(_) => {
                tracing::warn!("the schema registry is slow, and the first messages will retry");
                Ok(())
            }
        }
    }

    /// Connects to Kafka in a function's init. A failure is logged, and the first batch connects again.
    pub async fn prepare(&mut self) {
        let topics = self.messages.fixed_topics();
        if topics.is_empty() {
            tracing::info!("the publisher connects to Kafka with its first message, which names the topic");
            return emit([]);
        }
        let errors = Box::pin(self.producer.prepare(&topics)).await;
        if errors.is_empty() {
            tracing::info!(topics = topics.len(), "the publisher is ready");
        }
        for error in &errors {
            tracing::warn!("could not connect to Kafka, and the first batch will retry: {error}");
        }
        record_connection(errors.iter().map(Some));
        // The first batch may come much later.
        emit([]);
    }

    /// The token that stops the publisher. When it is cancelled, a waiting [`publish`](Publish::publish) ends, and so
    /// does every later one.
    pub(crate) fn stop_token(&self) -> CancellationToken {
        self.producer.stop()
    }
}

impl<P: SendMessages, D: AddDeadLetters, R: ReadReceivers, S: FindSchemaIds> Publish
    for Publisher<P, D, R, S>
{
    async fn publish(&mut self, publications: &[Publication], within: Duration) -> Vec<Outcome> {
        let started = Instant::now();
        let receivers = self.read_receivers(publications).await;
        let mut results = Vec::with_capacity(publications.len());
        let mut tried = Tried::none_of(publications);
        let mut next = 0;
        while next < publications.len() {
            let mut records = self.records_of(publications, &receivers, &mut next);
            let left = || within.saturating_sub(started.elapsed());
            self.frame(publications, &mut records, FRAMED_WITHIN.min(left())).await;
            let settled: Vec<_> =
                records.iter().map(|record| self.settlement(record, publications)).collect();
            tried.add(&records, &settled);
            let attempts = self.send(publications, &records, settled, left()).await;
            results.extend(self.add_dead_letters(publications, &records, attempts).await);
        }
        self.remember(&results);
        let outcomes = of_publications(publications, results);
        tried.record(publications, &outcomes);
        outcomes
    }

    async fn preview(&mut self, publications: &[Publication]) -> Vec<Outcome> {
        let receivers = self.read_receivers(publications).await;
        let result = |record: Record| RecordResult {
            publication: record.publication,
            id: None,
            outcome: match record.made {
                // A message that can never be made is still one that a replay selects.
                Made::Message(_) | Made::Never(_) => RecordOutcome::Published,
                Made::Nothing => RecordOutcome::Skipped,
                Made::NotNow(reason) => RecordOutcome::Failed(reason.into()),
            },
        };
        let mut results = Vec::with_capacity(publications.len());
        let mut next = 0;
        while next < publications.len() {
            results.extend(self.records_of(publications, &receivers, &mut next).into_iter().map(result));
        }
        of_publications(publications, results)
    }
}

impl<P: SendMessages, D: AddDeadLetters, R: ReadReceivers, S: FindSchemaIds> Publisher<P, D, R, S> {
    pub(crate) fn from_parts(
        messages: Messages,
        schemas: Option<Schemas<S>>,
        producer: P,
        dead_letters: D,
        table: R,
    ) -> Self {
        let receivers = Receivers::new(table);
        let settled = Settled::default();
        Self { messages, schemas, producer, dead_letters, receivers, settled, traces: None }
    }

    async fn register_known(&self) -> Result<(), SchemaError> {
        match &self.schemas {
            Some(schemas) => schemas.register_known(&self.messages).await,
            None => Ok(()),
        }
    }

    /// How an earlier attempt settled a record.
    fn settlement(&self, record: &Record, publications: &[Publication]) -> Option<Settlement> {
        self.settled.get(&record_id(record, publications)?)
    }

    /// Remembers the settled records if another one of their batch needs a retry.
    fn remember(&mut self, results: &[RecordResult]) {
        let is_failed = |result: &RecordResult| matches!(result.outcome, RecordOutcome::Failed(_));
        if results.iter().any(is_failed) {
            let settled = results.iter().filter_map(|result| {
                let settlement = match result.outcome {
                    RecordOutcome::Published => Settlement::Acknowledged,
                    RecordOutcome::DeadLettered { .. } => Settlement::DeadLettered,
                    RecordOutcome::Skipped | RecordOutcome::Failed(_) => return None,
                };
                Some((result.id.clone()?, settlement))
            });
            self.settled.remember(settled, Instant::now());
        } else {
            self.settled.forget(results.iter().filter_map(|result| result.id.clone()));
        }
    }
}

/// A record that was tried. Its message is freed.
struct RecordResult {
    /// The index of its publication.
    publication: usize,
    /// Its identity, if the batches of the stream or of a replay can contain it again.
    id: Option<RecordId>,
    outcome: RecordOutcome,
}

/// The identity of a record; `None` for that of an item that contains no event, and for that of a dead letter, which
/// says itself whether it was published.
fn record_id(record: &Record, publications: &[Publication]) -> Option<RecordId> {
    let publication = &publications[record.publication];
    if is_of_dead_letter(publication) {
        return None;
    }
    Some((publication.event()?.id, record.route.clone()?, publication.replay))
}

/// Whether a publication is the retry of a dead letter.
fn is_of_dead_letter(publication: &Publication) -> bool {
    publication.earlier_attempts > 0 || matches!(publication.scope, Scope::Route(_))
}

/// The outcome of each publication, from those of its records.
fn of_publications(publications: &[Publication], results: Vec<RecordResult>) -> Vec<Outcome> {
    let mut results = results.into_iter().peekable();
    (0..publications.len())
        .map(|index| {
            Outcome::of(iter::from_fn(|| {
                results.next_if(|result| result.publication == index).map(|result| result.outcome)
            }))
        })
        .collect()
}

// Without the box, the future of a function would exceed the compiler's limit for the depth of a type.
impl SendMessages for Producer {
    async fn send(&mut self, messages: &[&Message], within: Duration) -> Vec<Result<(), Undelivered>> {
        Box::pin(self.publish(messages, within)).await
    }
}

impl AddDeadLetters for DeadLetters {
    async fn add(
        &self,
        key: &Key,
        reason: &str,
        earlier_attempts: u32,
    ) -> Result<DeadLetterState, StoreError> {
        Self::add(self, key, reason, earlier_attempts).await
    }
}

#[cfg(test)]
mod tests;
