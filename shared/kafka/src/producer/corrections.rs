//! The changes that the results of one batch require before the next.

use std::{collections::HashSet, sync::Arc};

use xzepr_messages::Message;

use super::{Producer, TOPIC_TIMEOUT, lanes::Lane};
use crate::{topics, undelivered::Undelivered};

/// The changes that the results require, for every topic of the batch.
#[derive(Debug, Default)]
struct Corrections<'a> {
    /// A message of each topic whose limit must be read. It applies to a batch of records as it is sent, so even a batch
    /// of small records can be over it.
    over_limit: Vec<&'a Message>,
    /// The topics that are gone since they were described.
    gone: HashSet<&'a Arc<str>>,
    /// The topics that refuse records, with the error.
    refused: Vec<(&'a Arc<str>, &'a Undelivered)>,
    /// An error that other credentials could help against.
    credentials: Option<&'a Undelivered>,
}

impl<'a> Corrections<'a> {
    fn of(messages: &[&'a Message], results: &'a [Result<(), Undelivered>]) -> Self {
        let mut corrections = Self::default();
        let mut seen = HashSet::new();
        for (message, result) in messages.iter().zip(results) {
            let Err(error) = result else { continue };
            if error.is_too_large_together() && seen.insert(&message.topic) {
                corrections.over_limit.push(message);
            } else if error.is_topic_gone() {
                corrections.gone.insert(&message.topic);
            } else if error.is_refusal_of_topic() {
                corrections.refused.push((&message.topic, error));
            } else if error.is_refusal_of_credentials() {
                corrections.credentials = Some(error);
            }
        }
        corrections
    }
}

impl Producer {
    /// Prepares the next batch for the faults that this one met.
    pub(super) async fn correct_after(&mut self, messages: &[&Message], results: &[Result<(), Undelivered>]) {
        self.lanes.close_failed();
        let corrections = Corrections::of(messages, results);
        self.learn_limits(&corrections.over_limit).await;
        for topic in corrections.gone {
            self.topics.forget(topic);
        }
        for (topic, error) in corrections.refused {
            // Else a refusal that was remembered would count for ever.
            if self.topics.refusal(topic).is_none() {
                self.topics.set_refused(topic, error.clone());
            }
        }
        if let Some(error) = corrections.credentials {
            self.lanes.close_outdated(error, &self.settings).await;
        }
    }

    /// Reads the limits of the messages' topics, in one request. From then on these topics use small batches.
    async fn learn_limits(&mut self, over_limit: &[&Message]) {
        let Some(first) = over_limit.first() else { return };
        let lane = Lane::of(&first.topic, first.compression, &self.limits);
        let Some(session) = self.lanes.session(lane) else { return };
        let names: Vec<_> = over_limit.iter().map(|message| &message.topic).collect();
        let limits = topics::limits(session, &names, TOPIC_TIMEOUT).await;
        for (topic, limit) in names.into_iter().zip(limits) {
            self.limits.learn(topic, limit);
        }
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::{error::KafkaError, types::RDKafkaErrorCode};
    use xzepr_settings::Compression;

    use super::*;
    use crate::{
        fault::{ConnectionFault, Step},
        topic_action::TopicAction,
    };

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

    /// The topics of each kind of correction, in order.
    fn topics(corrections: &Corrections<'_>) -> [Vec<String>; 3] {
        let mut gone: Vec<_> = corrections.gone.iter().map(ToString::to_string).collect();
        gone.sort();
        let over_limit = corrections.over_limit.iter().map(|message| message.topic.to_string());
        let refused = corrections.refused.iter().map(|(topic, _)| topic.to_string());
        [over_limit.collect(), gone, refused.collect()]
    }

    #[test]
    fn a_batch_that_was_delivered_changes_nothing() {
        let message = &messages(["a"])[0];
        let results = [Ok(())];
        let corrections = Corrections::of(&[message], &results);
        assert!(topics(&corrections).iter().all(Vec::is_empty));
        assert!(corrections.credentials.is_none());
    }

    #[test]
    fn every_topic_of_a_batch_is_corrected_and_not_only_the_one_of_the_first_error() {
        let messages = messages(["gone", "small", "small", "less", "old", "forbidden", "slow"]);
        let fault = ConnectionFault { step: Step::Login, reason: String::new() };
        let results = [
            report(RDKafkaErrorCode::UnknownTopicOrPartition),
            report(RDKafkaErrorCode::MessageSizeTooLarge),
            report(RDKafkaErrorCode::MessageSizeTooLarge),
            report(RDKafkaErrorCode::MessageBatchTooLarge),
            report(RDKafkaErrorCode::UnknownTopic),
            Err(Undelivered::topic_refused(
                "forbidden",
                TopicAction::Write,
                RDKafkaErrorCode::TopicAuthorizationFailed,
            )),
            Err(Undelivered::Connection(fault)),
        ];
        let corrections = Corrections::of(&messages.each_ref(), &results);
        let expected = [vec!["small", "less"], vec!["gone", "old"], vec!["forbidden"]];
        assert_eq!(topics(&corrections), expected);
        assert!(corrections.credentials.is_some());
    }

    #[test]
    fn a_topic_that_is_slow_stays_ready() {
        let messages = messages(["slow"]);
        let results = [report(RDKafkaErrorCode::MessageTimedOut)];
        assert!(topics(&Corrections::of(&messages.each_ref(), &results)).iter().all(Vec::is_empty));
    }
}
