//! Sends publications and keeps what can never be sent as dead letters.

use std::{collections::HashSet, fmt, time::Duration};

use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;
use xzepr_cloudevents::Message;
use xzepr_kafka::{Producer, Undelivered};
use xzepr_store::{DeadLetterState, DeadLetters, StoreError};

use crate::publication::Publication;

/// How many dead letters are written at once.
const DEAD_LETTER_WRITES: usize = 8;

/// A producer and the dead letters, for the life of a process.
pub struct Publisher {
    producer: Producer,
    dead_letters: DeadLetters,
    /// The messages of the last batch that failed which are on the topic all the same: its retry does not
    /// send them again.
    acknowledged: HashSet<Delivery>,
}

/// What tells a message from every other: its key, and the headers that mark a replay.
type Delivery = (String, Vec<(&'static str, String)>);

/// What became of a publication.
#[derive(Debug)]
pub enum Outcome {
    /// It is on its topic.
    Published,
    /// It can never be published, and is a dead letter.
    DeadLettered(DeadLetterState),
    /// Neither: it has to be tried again.
    Failed(Failure),
}

/// Why a publication has to be tried again.
#[derive(Debug)]
pub enum Failure {
    /// Kafka did not take it.
    Undelivered(Undelivered),
    /// It can never be published, and the dead letters' table did not take it either.
    DeadLetterNotStored(StoreError),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Undelivered(error) => error.fmt(f),
            Self::DeadLetterNotStored(error) => write!(f, "its dead letter could not be stored: {error}"),
        }
    }
}

impl Publisher {
    /// Joins the two. Nothing is sent.
    pub fn new(producer: Producer, dead_letters: DeadLetters) -> Self {
        Self { producer, dead_letters, acknowledged: HashSet::new() }
    }

    /// The topic that messages go to.
    pub fn topic(&self) -> &str {
        self.producer.topic()
    }

    /// Cancelled, it ends a [`publish`](Self::publish) that is under way, and every later one.
    pub(crate) fn stop(&self) -> CancellationToken {
        self.producer.stop()
    }

    /// The dead letters.
    pub fn dead_letters(&self) -> &DeadLetters {
        &self.dead_letters
    }

    /// Sends publications, all together and in order, and waits for every delivery report, at most
    /// `within`. One outcome for each, in their order. What is known as acknowledged from a batch that
    /// failed in part is not sent again.
    pub async fn publish(&mut self, publications: &[Publication], within: Duration) -> Vec<Outcome> {
        let mut outcomes: Vec<_> = publications.iter().map(|_| Outcome::Published).collect();
        let mut lasting: Vec<(usize, String)> = Vec::new();
        let mut to_send = Vec::new();
        for (index, publication) in publications.iter().enumerate() {
            match &publication.message {
                Ok(message) if self.acknowledged.contains(&delivery(message)) => {}
                Ok(message) => to_send.push((index, message)),
                Err(reason) => lasting.push((index, reason.clone())),
            }
        }
        let messages: Vec<_> = to_send.iter().map(|(_, message)| *message).collect();
        let deliveries = self.producer.publish(&messages, within).await;
        for ((index, _), delivery) in to_send.into_iter().zip(deliveries) {
            match delivery {
                Ok(()) => {}
                Err(error) if error.is_permanent() => lasting.push((index, error.to_string())),
                Err(error) => outcomes[index] = Outcome::Failed(Failure::Undelivered(error)),
            }
        }
        self.add_dead_letters(publications, lasting, &mut outcomes).await;
        self.remember(publications, &outcomes);
        outcomes
    }

    /// A dead letter that cannot be stored leaves its publication to be tried again: nothing is dropped.
    async fn add_dead_letters(
        &self,
        publications: &[Publication],
        lasting: Vec<(usize, String)>,
        outcomes: &mut [Outcome],
    ) {
        let mut written = stream::iter(lasting)
            .map(|(index, reason)| async move {
                let Publication { key, earlier_attempts, .. } = &publications[index];
                (index, self.dead_letters.add(key, &reason, *earlier_attempts).await, reason)
            })
            .buffer_unordered(DEAD_LETTER_WRITES);
        while let Some((index, written, reason)) = written.next().await {
            outcomes[index] = match written {
                Ok(state) => {
                    let keys = publications[index].key.to_string();
                    tracing::error!(keys, "an event that cannot be published is a dead letter: {reason}");
                    Outcome::DeadLettered(state)
                }
                Err(error) => Outcome::Failed(Failure::DeadLetterNotStored(error)),
            };
        }
    }

    /// Keeps what is on the topic, as long as something has to be tried again.
    fn remember(&mut self, publications: &[Publication], outcomes: &[Outcome]) {
        if !outcomes.iter().any(|outcome| matches!(outcome, Outcome::Failed(_))) {
            self.acknowledged.clear();
            return;
        }
        let published = publications
            .iter()
            .zip(outcomes)
            .filter(|(_, outcome)| matches!(outcome, Outcome::Published))
            .filter_map(|(publication, _)| publication.message.as_ref().ok());
        self.acknowledged = published.map(delivery).collect();
    }
}

fn delivery(message: &Message) -> Delivery {
    (message.key.clone(), message.headers.clone())
}
