//! Sends publications, and stores a dead letter for each that can never be sent.

use std::{
    collections::HashMap,
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;
use xzepr_domain::{Event, EventKind, ReceiverId};
use xzepr_kafka::{AccessError, Producer, Undelivered};
use xzepr_messages::{Message, Messages};
use xzepr_schema_registry::{SchemaError, SchemaRegistry};
use xzepr_settings::{Settings, SettingsError};
use xzepr_store::{DeadLetterState, DeadLetters, Key, StoreError, Table};

use crate::{
    outcome::{Failure, Outcome, RecordOutcome},
    permanence::{Topic, is_permanent},
    publication::Publication,
    receivers::{ReadReceivers, Receivers},
    record::{Made, NotNow, Record, Records},
    schemas::{FindSchemaIds, Schemas, Unframed},
    settled::{RecordId, Settled, Settlement},
};

/// How many dead letters are written at once. A refused topic makes one of each event of a batch, while the messages of
/// other routes wait for the next batch.
const DEAD_LETTER_WRITES: usize = 25;

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
    /// to nothing else.
    pub async fn new(
        settings: &Settings,
        table: Table,
        dead_letters: DeadLetters,
    ) -> Result<Self, PublisherError> {
        let (kafka, messages) = (settings.kafka()?, settings.messages()?);
        let schemas = match settings.schema_registry()? {
            Some(settings) => Some(Schemas {
                registry: Box::pin(SchemaRegistry::connect(&settings)).await?,
                strategy: settings.subject_name_strategy,
            }),
            None => None,
        };
        let producer = Producer::new(kafka)?;
        Ok(Self::from_parts(Messages::new(messages), schemas, producer, dead_letters, table))
    }

    /// Registers the schemas of the routes' formats in a function's init. An error is a schema that the registry
    /// refuses. A registry that does not respond is no error, since the first batch asks it again.
    pub async fn register_schemas(&self) -> Result<(), SchemaError> {
        Box::pin(self.register_known()).await
    }

    /// Connects to Kafka in a function's init. A failure is logged, and the first batch connects again.
    pub async fn prepare(&mut self) {
        let topics = self.messages.fixed_topics();
        for error in Box::pin(self.producer.prepare(&topics)).await {
            tracing::warn!("could not connect to Kafka, and the first batch will retry: {error}");
        }
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
        let mut records = self.records_of(publications).await;
        self.frame(publications, &mut records).await;
        let unsent = records.iter().map(|record| self.settlement(record, publications)).collect();
        let attempts = self.send(&records, unsent, within.saturating_sub(started.elapsed())).await;
        let outcomes = self.add_dead_letters(publications, &records, attempts).await;
        self.remember(publications, &records, &outcomes);
        of_publications(publications, &records, outcomes)
    }

    async fn preview(&mut self, publications: &[Publication]) -> Vec<Outcome> {
        let records = self.records_of(publications).await;
        let outcome = |record: &Record| match &record.made {
            // A message that can never be made is still one that a replay selects.
            Made::Message(_) | Made::Never(_) => RecordOutcome::Published,
            Made::Nothing => RecordOutcome::Skipped,
            Made::NotNow(reason) => RecordOutcome::Failed(reason.clone().into()),
        };
        let outcomes = records.iter().map(outcome).collect();
        of_publications(publications, &records, outcomes)
    }
}

/// The result of an attempt to publish a record.
enum Attempt {
    Ended(RecordOutcome),
    /// It can never be published, for this reason.
    Never(String),
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
        Self { messages, schemas, producer, dead_letters, receivers, settled: Settled::default() }
    }

    async fn register_known(&self) -> Result<(), SchemaError> {
        match &self.schemas {
            Some(schemas) => schemas.register_known(&self.messages).await,
            None => Ok(()),
        }
    }

    /// The receiver that the messages of an event need.
    fn receiver_of(&self, event: &Event) -> Option<ReceiverId> {
        let for_schema = self.schemas.is_some() && event.kind == EventKind::Event;
        if for_schema { Some(event.event_receiver_id) } else { self.messages.receiver_of(event) }
    }

    /// Makes the records of publications, in their order. Reads the receivers that routes need.
    async fn records_of(&mut self, publications: &[Publication]) -> Vec<Record> {
        let needed = publications.iter().map(|publication| self.receiver_of(publication.event()?));
        let needed: Vec<_> = needed.collect();
        let read = self.receivers.read(needed.iter().flatten().copied()).await;
        let records = Records {
            messages: &self.messages,
            frames_payloads: self.schemas.is_some(),
            unread: read.err().map(Arc::new),
        };
        let of = |((index, publication), receiver): ((usize, &Publication), &Option<ReceiverId>)| {
            records.of(index, publication, receiver.and_then(|id| self.receivers.get(id)))
        };
        publications.iter().enumerate().zip(&needed).flat_map(of).collect()
    }

    /// Puts the messages behind the wire header if there is a schema registry.
    async fn frame(&self, publications: &[Publication], records: &mut [Record]) {
        let Some(schemas) = &self.schemas else { return };
        let mut unregistered = None;
        for record in records {
            let (Made::Message(message), Some(name), Some(event)) =
                (&mut record.made, &record.route, publications[record.publication].event())
            else {
                continue;
            };
            let Some(route) = self.messages.routes().iter().find(|route| route.settings.name == *name) else {
                continue;
            };
            let receiver = self.receivers.get(event.event_receiver_id);
            match schemas.frame(message, route, event, receiver).await {
                Ok(error) => unregistered = unregistered.or(error),
                Err(Unframed::Receiver(reason)) => record.made = Made::Never(reason),
                // A schema that is refused is one of all messages to the topic. See `permanence` for an only topic.
                Err(Unframed::Schema(error @ SchemaError::Refused { .. }))
                    if self.messages.only_topic().is_none() =>
                {
                    record.made = Made::Never(error.to_string());
                }
                Err(Unframed::Schema(error)) => record.made = Made::NotNow(NotNow::Schema(error)),
            }
        }
        if let Some(error) = unregistered {
            tracing::warn!("the schema of at least one receiver is not registered yet: {error}");
        }
    }

    /// How an earlier attempt settled a record.
    fn settlement(&self, record: &Record, publications: &[Publication]) -> Option<Settlement> {
        self.settled.get(&record_id(record, publications)?)
    }

    /// Sends the messages that are not settled.
    async fn send(
        &mut self,
        records: &[Record],
        settled: Vec<Option<Settlement>>,
        within: Duration,
    ) -> Vec<Attempt> {
        let is_only = self.messages.only_topic().is_some();
        let mut topics: HashMap<&str, Topic> = HashMap::new();
        let mut to_send = Vec::new();
        for (record, settlement) in records.iter().zip(&settled) {
            let Made::Message(message) = &record.made else { continue };
            let topic = topics.entry(&message.topic).or_insert(Topic { is_only, ..Topic::default() });
            match settlement {
                Some(Settlement::Acknowledged) => topic.accepts_any = true,
                Some(Settlement::DeadLettered) => {}
                None => to_send.push(message),
            }
        }
        let deliveries = self.producer.send(&to_send, within).await;
        for (message, delivery) in to_send.iter().zip(&deliveries) {
            if let Some(topic) = topics.get_mut(&*message.topic) {
                topic.sent += 1;
                topic.accepts_any |= delivery.is_ok();
            }
        }
        let mut deliveries = deliveries.into_iter();
        let attempt = |(record, settlement): (&Record, Option<Settlement>)| match (&record.made, settlement) {
            (_, Some(Settlement::Acknowledged)) => Attempt::Ended(RecordOutcome::Published),
            (_, Some(Settlement::DeadLettered)) => {
                let state = DeadLetterState::Waiting;
                Attempt::Ended(RecordOutcome::DeadLettered { state, is_own: false })
            }
            (Made::Message(message), None) => {
                let topic = topics.get(&*message.topic).copied().unwrap_or_default();
                match deliveries.next().unwrap_or(Err(Undelivered::NotReady)) {
                    Ok(()) => Attempt::Ended(RecordOutcome::Published),
                    Err(error) if is_permanent(&error, topic) => Attempt::Never(error.to_string()),
                    Err(error) => {
                        let failure = Failure::Undelivered(error.all_refused(&message.topic));
                        Attempt::Ended(RecordOutcome::Failed(failure))
                    }
                }
            }
            (Made::Nothing, None) => Attempt::Ended(RecordOutcome::Skipped),
            (Made::Never(reason), None) => Attempt::Never(reason.clone()),
            (Made::NotNow(reason), None) => Attempt::Ended(RecordOutcome::Failed(reason.clone().into())),
        };
        records.iter().zip(settled).map(attempt).collect()
    }

    /// Stores dead letters. If one cannot be stored, its record counts as failed, so that nothing is lost.
    async fn add_dead_letters(
        &self,
        publications: &[Publication],
        records: &[Record],
        attempts: Vec<Attempt>,
    ) -> Vec<RecordOutcome> {
        let add = |(record, attempt): (_, Attempt)| async move {
            match attempt {
                Attempt::Ended(outcome) => outcome,
                Attempt::Never(reason) => self.add_dead_letter(publications, record, &reason).await,
            }
        };
        stream::iter(records.iter().zip(attempts)).map(add).buffered(DEAD_LETTER_WRITES).collect().await
    }

    async fn add_dead_letter(
        &self,
        publications: &[Publication],
        record: &Record,
        reason: &str,
    ) -> RecordOutcome {
        let publication = &publications[record.publication];
        let key = match &record.route {
            Some(route) => publication.key.of_route(route),
            None => publication.key.clone(),
        };
        // The attempts of the item's dead letter are not those of a route's.
        let is_own = key == publication.letter_key();
        let earlier_attempts = if is_own { publication.earlier_attempts } else { 0 };
        match self.dead_letters.add(&key, reason, earlier_attempts).await {
            Ok(state) => {
                let key = key.to_string();
                tracing::error!(key, "an event that cannot be published is a dead letter: {reason}");
                RecordOutcome::DeadLettered { state, is_own }
            }
            Err(error) => RecordOutcome::Failed(Failure::DeadLetterNotStored(error)),
        }
    }

    /// Remembers the settled records if another one of their batch needs a retry.
    fn remember(&mut self, publications: &[Publication], records: &[Record], outcomes: &[RecordOutcome]) {
        let ids = records.iter().map(|record| record_id(record, publications));
        if outcomes.iter().any(|outcome| matches!(outcome, RecordOutcome::Failed(_))) {
            let settled = ids.zip(outcomes).filter_map(|(id, outcome)| match outcome {
                RecordOutcome::Published => Some((id?, Settlement::Acknowledged)),
                RecordOutcome::DeadLettered { .. } => Some((id?, Settlement::DeadLettered)),
                RecordOutcome::Skipped | RecordOutcome::Failed(_) => None,
            });
            self.settled.remember(settled, Instant::now());
        } else {
            self.settled.forget(ids.flatten());
        }
    }
}

/// The identity of a record; `None` for that of an item that contains no event.
fn record_id(record: &Record, publications: &[Publication]) -> Option<RecordId> {
    let publication = &publications[record.publication];
    Some((publication.event()?.id, record.route.clone()?, publication.replay))
}

/// The outcome of each publication, from those of its records.
fn of_publications(
    publications: &[Publication],
    records: &[Record],
    outcomes: Vec<RecordOutcome>,
) -> Vec<Outcome> {
    let mut of_records = records.iter().map(|record| record.publication).zip(outcomes).peekable();
    (0..publications.len())
        .map(|index| {
            Outcome::of(std::iter::from_fn(|| {
                of_records.next_if(|(publication, _)| *publication == index).map(|(_, outcome)| outcome)
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
