//! The changes that the results of one batch require before the next.

use std::sync::Arc;

use xzepr_messages::Message;

use super::{Producer, TOPIC_TIMEOUT};
use crate::{topics, undelivered::Undelivered};

/// A change that the results require.
#[derive(Debug)]
enum Correction<'a> {
    /// The topic's limit must be read. It applies to a batch of records as it is sent, so even a batch of small
    /// records can be over it.
    Limit(&'a Arc<str>),
    /// The session may be outdated, and a topic may have to be requested again.
    Access { first_error: &'a Undelivered, is_topic_refused: bool },
}

impl<'a> Correction<'a> {
    /// `None` where each message was delivered.
    fn of(messages: &[&'a Message], results: &'a [Result<(), Undelivered>]) -> Option<Self> {
        let errors = || {
            messages
                .iter()
                .zip(results)
                .filter_map(|(message, result)| Some((message, result.as_ref().err()?)))
        };
        if let Some((message, _)) = errors().find(|(_, error)| error.is_too_large_together()) {
            return Some(Self::Limit(&message.topic));
        }
        let (_, first_error) = errors().next()?;
        let is_topic_refused = errors().any(|(_, error)| error.is_about_the_topic());
        Some(Self::Access { first_error, is_topic_refused })
    }
}

impl Producer {
    /// Prepares the next batch for the faults that this one met.
    pub(super) async fn correct_after(&mut self, messages: &[&Message], results: &[Result<(), Undelivered>]) {
        let Some(session) = &self.session else { return };
        if let Some((code, reason)) = session.fatal_error() {
            tracing::error!("the Kafka client is replaced after a fatal error: {code}: {reason}");
            self.session = None;
            return;
        }
        match Correction::of(messages, results) {
            None => {}
            Some(Correction::Limit(topic)) => {
                let limit = topics::limit(session, topic, TOPIC_TIMEOUT).await;
                self.limits.learn(topic, limit);
                // The size of batches is fixed for the life of a client.
                self.session = None;
            }
            Some(Correction::Access { first_error, is_topic_refused }) => {
                // librdkafka remembers the refusal of a topic until the topic is requested again.
                self.is_topic_ready &= !is_topic_refused;
                self.drop_outdated_session(first_error).await;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::{error::KafkaError, types::RDKafkaErrorCode};
    use xzepr_settings::Compression;

    use super::*;

    fn report(code: RDKafkaErrorCode) -> Result<(), Undelivered> {
        Err(Undelivered::Failed(KafkaError::MessageProduction(code)))
    }

    fn messages<const COUNT: usize>(topics: [&str; COUNT]) -> [Message; COUNT] {
        topics.map(|topic| Message {
            topic: topic.into(),
            key: String::new(),
            value: Vec::new(),
            headers: Vec::new(),
            compression: Compression::None,
        })
    }

    #[test]
    fn a_batch_that_was_delivered_changes_nothing() {
        let message = &messages(["a"])[0];
        assert!(Correction::of(&[message], &[Ok(())]).is_none());
    }

    #[test]
    fn the_limit_is_read_of_the_topic_that_refused_a_size() {
        let messages = messages(["a", "b", "c"]);
        let results = [
            report(RDKafkaErrorCode::UnknownTopic),
            report(RDKafkaErrorCode::MessageBatchTooLarge),
            report(RDKafkaErrorCode::MessageSizeTooLarge),
        ];
        let correction = Correction::of(&messages.each_ref(), &results);
        assert!(matches!(correction, Some(Correction::Limit(topic)) if &**topic == "b"), "{correction:?}");
    }

    #[test]
    fn a_topic_that_is_gone_is_requested_again_and_one_that_is_slow_is_not() {
        let messages = messages(["a", "b"]);
        for (code, is_refused) in [
            (RDKafkaErrorCode::UnknownTopicOrPartition, true),
            (RDKafkaErrorCode::UnknownTopic, true),
            (RDKafkaErrorCode::MessageTimedOut, false),
        ] {
            let results = [Ok(()), report(code)];
            let correction = Correction::of(&messages.each_ref(), &results);
            let Some(Correction::Access { first_error, is_topic_refused }) = correction else {
                panic!("{correction:?}");
            };
            assert!(matches!(first_error, Undelivered::Failed(_)));
            assert_eq!(is_topic_refused, is_refused, "{code}");
        }
    }
}
