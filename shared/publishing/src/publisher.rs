//! Sends publications and keeps what can never be sent as dead letters.

use std::{
    fmt,
    time::{Duration, Instant},
};

use futures_util::{StreamExt, stream};
use tokio_util::sync::CancellationToken;
use xzepr_kafka::{Producer, Undelivered};
use xzepr_store::{DeadLetterState, DeadLetters, StoreError};

use crate::{acknowledged::Acknowledged, publication::Publication};

/// How many dead letters are written at once.
const DEAD_LETTER_WRITES: usize = 8;

/// A producer and the dead letters, for the life of a process.
pub struct Publisher {
    producer: Producer,
    dead_letters: DeadLetters,
    acknowledged: Acknowledged,
}

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
        Self { producer, dead_letters, acknowledged: Acknowledged::default() }
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
        let mut topic_takes_records = false;
        for (index, publication) in publications.iter().enumerate() {
            match &publication.message {
                Ok(message) if self.acknowledged.has(message) => topic_takes_records = true,
                Ok(message) => to_send.push((index, message)),
                Err(reason) => lasting.push((index, reason.clone())),
            }
        }
        let messages: Vec<_> = to_send.iter().map(|(_, message)| *message).collect();
        let deliveries = self.producer.publish(&messages, within).await;
        topic_takes_records |= deliveries.iter().any(Result::is_ok);
        let is_only_one = deliveries.len() == 1;
        for ((index, _), delivery) in to_send.into_iter().zip(deliveries) {
            match delivery {
                Ok(()) => {}
                Err(error) if error.is_permanent() => lasting.push((index, error.to_string())),
                // Others were taken: it is this record. One that has no others tells nothing of the topic, and
                // to wait would hold up its shard for as long as the mapping tries. As a dead letter it holds up
                // nothing and is tried again, beside others if the topic should refuse those too.
                Err(error) if error.is_refused_alone() && (topic_takes_records || is_only_one) => {
                    lasting.push((index, error.to_string()));
                }
                Err(error) => {
                    let error = error.all_refused(self.producer.topic());
                    outcomes[index] = Outcome::Failed(Failure::Undelivered(error));
                }
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

    /// Keeps what is on the topic, as long as something of its batch has to be tried again.
    fn remember(&mut self, publications: &[Publication], outcomes: &[Outcome]) {
        if outcomes.iter().any(|outcome| matches!(outcome, Outcome::Failed(_))) {
            let published = publications
                .iter()
                .zip(outcomes)
                .filter(|(_, outcome)| matches!(outcome, Outcome::Published))
                .filter_map(|(publication, _)| publication.message.as_ref().ok());
            self.acknowledged.remember(published, Instant::now());
        } else {
            let messages = publications.iter().filter_map(|publication| publication.message.as_ref().ok());
            self.acknowledged.forget(messages);
        }
    }
}
