//! Sends publications, and stores a dead letter for each that can never be sent.

use std::{
    future::Future,
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;
use xzepr_kafka::{AccessError, Producer, Undelivered};
use xzepr_messages::{Message, Messages};
use xzepr_settings::{KafkaSettings, MessageSettings};
use xzepr_store::{DeadLetterState, DeadLetters, Key, StoreError, Table};

use crate::{
    acknowledged::Acknowledged,
    outcome::{Failure, Outcome},
    permanence::{Others, is_permanent},
    publication::Publication,
    receivers::{ReadReceivers, Receivers},
};

/// How many dead letters are written at once.
const DEAD_LETTER_WRITES: usize = 8;

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
    /// Stores that an item can never be published, after this number of earlier attempts.
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
    /// Returns one outcome for each publication, in their order. A message that is on the topic since an earlier,
    /// partly failed batch is not sent again.
    fn publish(
        &mut self,
        publications: &[Publication],
        within: Duration,
    ) -> impl Future<Output = Vec<Outcome>>;

    /// The topic that messages go to.
    fn topic(&self) -> &str;
}

/// A message, or `None` for an event that has no place in the format.
type Made = Result<Option<Message>, NotMade>;

/// The reason why an event has no message.
enum NotMade {
    /// There can never be one.
    Never(String),
    /// A receiver that it contains could not be read.
    NotNow(Arc<StoreError>),
}

/// Publishes items. A process has one publisher.
pub struct Publisher<P = Producer, D = DeadLetters, R = Table> {
    messages: Messages,
    producer: P,
    dead_letters: D,
    receivers: Receivers<R>,
    acknowledged: Acknowledged,
}

impl Publisher {
    /// Checks the certificates in the settings. Connects to nothing.
    pub fn new(
        kafka: KafkaSettings,
        messages: &MessageSettings,
        table: Table,
        dead_letters: DeadLetters,
    ) -> Result<Self, AccessError> {
        let messages = Messages::new(&kafka, messages);
        Ok(Self::from_parts(messages, Producer::new(kafka)?, dead_letters, table))
    }

    /// Connects to Kafka in a function's init. A failure is logged, and the first batch connects again.
    pub async fn prepare(&mut self) {
        if let Err(error) = Box::pin(self.producer.prepare()).await {
            tracing::warn!("could not connect to Kafka, and the first batch will retry: {error}");
        }
    }

    /// The token that stops the publisher. When it is cancelled, a waiting [`publish`](Publish::publish) ends, and so
    /// does every later one.
    pub(crate) fn stop_token(&self) -> CancellationToken {
        self.producer.stop()
    }
}

impl<P: SendMessages, D: AddDeadLetters, R: ReadReceivers> Publish for Publisher<P, D, R> {
    async fn publish(&mut self, publications: &[Publication], within: Duration) -> Vec<Outcome> {
        let started = Instant::now();
        let messages = self.messages_of(publications).await;
        let mut outcomes: Vec<_> = publications.iter().map(|_| Outcome::Published).collect();
        let mut dead_letters: Vec<(usize, String)> = Vec::new();
        let mut to_send = Vec::new();
        let mut is_any_on_topic = false;
        for (index, message) in messages.iter().enumerate() {
            match message {
                Ok(Some(message)) if self.acknowledged.contains(message) => is_any_on_topic = true,
                Ok(Some(message)) => to_send.push((index, message)),
                Ok(None) => outcomes[index] = Outcome::Skipped,
                Err(NotMade::Never(reason)) => dead_letters.push((index, reason.clone())),
                Err(NotMade::NotNow(error)) => {
                    outcomes[index] = Outcome::Failed(Failure::ReceiversNotRead(Arc::clone(error)));
                }
            }
        }
        let unsent: Vec<_> = to_send.iter().map(|(_, message)| *message).collect();
        let deliveries = self.producer.send(&unsent, within.saturating_sub(started.elapsed())).await;
        let others = Others::of(&deliveries, is_any_on_topic);
        for ((index, message), delivery) in to_send.into_iter().zip(deliveries) {
            match delivery {
                Ok(()) => {}
                Err(error) if is_permanent(&error, others) => dead_letters.push((index, error.to_string())),
                Err(error) => {
                    let error = error.all_refused(&message.topic);
                    outcomes[index] = Outcome::Failed(Failure::Undelivered(error));
                }
            }
        }
        self.add_dead_letters(publications, dead_letters, &mut outcomes).await;
        self.remember(&messages, &outcomes);
        outcomes
    }

    fn topic(&self) -> &str {
        self.messages.topic()
    }
}

impl<P: SendMessages, D: AddDeadLetters, R: ReadReceivers> Publisher<P, D, R> {
    pub(crate) fn from_parts(messages: Messages, producer: P, dead_letters: D, table: R) -> Self {
        let receivers = Receivers::new(table);
        Self { messages, producer, dead_letters, receivers, acknowledged: Acknowledged::default() }
    }

    /// Makes the messages. Reads the receivers that they contain.
    async fn messages_of(&mut self, publications: &[Publication]) -> Vec<Made> {
        let receiver_of = |publication: &Publication| {
            publication.event().and_then(|event| self.messages.receiver_of(event))
        };
        let read = self.receivers.read(publications.iter().filter_map(receiver_of)).await.map_err(Arc::new);
        publications
            .iter()
            .map(|publication| {
                let id = receiver_of(publication);
                let receiver = id.and_then(|id| self.receivers.get(id));
                match &read {
                    Err(error) if id.is_some() && receiver.is_none() => {
                        Err(NotMade::NotNow(Arc::clone(error)))
                    }
                    _ => publication.message(&self.messages, receiver).map_err(NotMade::Never),
                }
            })
            .collect()
    }

    /// Stores dead letters. If one cannot be stored, its publication counts as failed, so that nothing is lost.
    async fn add_dead_letters(
        &self,
        publications: &[Publication],
        dead_letters: Vec<(usize, String)>,
        outcomes: &mut [Outcome],
    ) {
        let mut written = stream::iter(dead_letters)
            .map(|(index, reason)| async move {
                let Publication { key, earlier_attempts, .. } = &publications[index];
                (index, self.dead_letters.add(key, &reason, *earlier_attempts).await, reason)
            })
            .buffer_unordered(DEAD_LETTER_WRITES);
        while let Some((index, written, reason)) = written.next().await {
            outcomes[index] = match written {
                Ok(state) => {
                    let key = publications[index].key.to_string();
                    tracing::error!(key, "an event that cannot be published is a dead letter: {reason}");
                    Outcome::DeadLettered(state)
                }
                Err(error) => Outcome::Failed(Failure::DeadLetterNotStored(error)),
            };
        }
    }

    /// Remembers the messages that are on the topic if another publication of their batch needs a retry.
    fn remember(&mut self, messages: &[Made], outcomes: &[Outcome]) {
        if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Failed(_))) {
            let published = messages
                .iter()
                .zip(outcomes)
                .filter(|(_, outcome)| matches!(outcome, Outcome::Published))
                .filter_map(|(made, _)| made.as_ref().ok()?.as_ref());
            self.acknowledged.remember(published, Instant::now());
        } else {
            self.acknowledged.forget(messages.iter().filter_map(|made| made.as_ref().ok()?.as_ref()));
        }
    }
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
