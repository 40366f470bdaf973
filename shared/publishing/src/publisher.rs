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
        let mut is_any_on_topic = false;
        for (index, publication) in publications.iter().enumerate() {
            match &publication.message {
                Ok(message) if self.acknowledged.has(message) => is_any_on_topic = true,
                Ok(message) => to_send.push((index, message)),
                Err(reason) => lasting.push((index, reason.clone())),
            }
        }
        let messages: Vec<_> = to_send.iter().map(|(_, message)| *message).collect();
        let deliveries = self.producer.publish(&messages, within).await;
        let others = Others::of(&deliveries, is_any_on_topic);
        for ((index, _), delivery) in to_send.into_iter().zip(deliveries) {
            match delivery {
                Ok(()) => {}
                Err(error) if is_lasting(&error, others) => lasting.push((index, error.to_string())),
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

/// The evidence of the other records of an invocation on a topic that refuses one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    /// There are none.
    None,
    /// The topic took at least one.
    Taken,
    /// The topic took none.
    NotTaken,
}

impl Others {
    fn of(deliveries: &[Result<(), Undelivered>], is_any_on_topic: bool) -> Self {
        if is_any_on_topic || deliveries.iter().any(Result::is_ok) {
            Self::Taken
        } else if deliveries.len() == 1 {
            Self::None
        } else {
            Self::NotTaken
        }
    }
}

/// Whether a record fails again however often it is sent. One that is refused beside others that are taken does.
/// One without others tells nothing of the topic: to wait would hold up its shard for as long as the mapping
/// tries, and as a dead letter it holds up nothing and is tried again, beside others if the topic refuses those
/// too.
fn is_lasting(error: &Undelivered, others: Others) -> bool {
    error.is_permanent() || (error.is_refused_alone() && others != Others::NotTaken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_record_is_a_dead_letter_unless_the_topic_takes_none_of_several() {
        let refused = || Err(Undelivered::RecordRefused);
        let is_lasting = |deliveries: &[Result<(), Undelivered>], is_any_on_topic| {
            is_lasting(&Undelivered::RecordRefused, Others::of(deliveries, is_any_on_topic))
        };
        assert!(is_lasting(&[refused(), Ok(()), refused()], false));
        assert!(is_lasting(&[refused()], false));
        assert!(!is_lasting(&[refused(), refused()], false));
        assert!(!is_lasting(&[refused(), Err(Undelivered::OutOfTime)], false));
        // A retry sends only what its batch has not on the topic.
        assert!(is_lasting(&[refused(), refused()], true));
        assert!(!super::is_lasting(&Undelivered::OutOfTime, Others::Taken));
    }
}
