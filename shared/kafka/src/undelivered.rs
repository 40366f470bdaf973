//! Why a message is not on its topic.

use rdkafka::{error::KafkaError, types::RDKafkaErrorCode};

use crate::{
    access_error::AccessError,
    fault::{ConnectionFault, Step},
    oauthbearer::TokenError,
    topic_action::TopicAction,
    topic_limit::TopicLimit,
};

/// Why a message was not delivered, for the log.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Undelivered {
    /// There is no client.
    #[error(transparent)]
    NoAccess(#[from] AccessError),
    /// Login and topic took longer than there was time.
    #[error("the cluster was not ready in time")]
    NotReady,
    /// No connection to a broker succeeded.
    #[error("{0}")]
    Connection(ConnectionFault),
    /// No broker returned the topic's metadata.
    #[error("no broker responds (XZEPR_KAFKA_BROKERS): {0}")]
    Unreachable(KafkaError),
    /// The topic is missing and may not be created.
    #[error("topic {topic} does not exist and XZEPR_KAFKA_CREATE_TOPICS is false: create it")]
    TopicMissing {
        /// The topic's name.
        topic: String,
    },
    /// The request to create the topic got no response.
    #[error("topic {topic} could not be created: {error}")]
    TopicNotCreated {
        /// The topic's name.
        topic: String,
        /// librdkafka's error.
        error: KafkaError,
    },
    /// The cluster refuses to describe the topic, to create it or to write to it.
    #[error("topic {topic}: {action} is refused: {refusal}; {}", .action.remedy(*.refusal))]
    TopicRefused {
        /// The topic's name.
        topic: String,
        /// The request that is refused.
        action: TopicAction,
        /// The cluster's error code.
        refusal: RDKafkaErrorCode,
    },
    /// The record is larger than the topic accepts.
    #[error("the record of {size} bytes is larger than the {} of topic {topic}: {limit}", .limit.property())]
    TooLarge {
        /// The topic's name.
        topic: String,
        /// The bytes of key, value and headers.
        size: usize,
        /// The topic's limit.
        limit: TopicLimit,
    },
    /// The broker's own validation refuses the record, which was alone in its batch. Only the other messages of the
    /// invocation show whether the fault is the record's or the topic's.
    #[error("the broker's validation refuses the record (INVALID_RECORD)")]
    RecordRefused,
    /// The delivery report.
    #[error("{0}")]
    Failed(KafkaError),
    /// An earlier message to the topic could not be queued. This one was held back to keep the order.
    #[error("not sent, because an earlier message to its topic could not be queued")]
    HeldBack,
    /// No delivery report arrived in the time of the invocation.
    #[error("no delivery report within the invocation's time")]
    OutOfTime,
}

impl Undelivered {
    /// The class of the failure, for metrics.
    pub fn class(&self) -> &'static str {
        match self {
            Self::NoAccess(_) | Self::Connection(_) | Self::Unreachable(_) => "connection",
            Self::NotReady | Self::OutOfTime => "timeout",
            Self::TopicMissing { .. } | Self::TopicNotCreated { .. } | Self::TopicRefused { .. } => "topic",
            Self::TooLarge { .. } | Self::RecordRefused => "record",
            Self::Failed(_) | Self::HeldBack => "delivery",
        }
    }

    /// Whether the cluster gave no answer that is known.
    pub fn is_without_answer(&self) -> bool {
        matches!(self.class(), "connection" | "timeout")
    }

    /// Whether the same record fails again however often it is sent.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::TooLarge { .. })
    }

    /// Whether the broker's own validation refused the record, alone in its batch.
    pub fn is_refused_alone(&self) -> bool {
        matches!(self, Self::RecordRefused)
    }

    /// The error of a record that is refused alone where the topic accepted no other record either: the topic must
    /// change before anything can be published.
    pub fn all_refused(self, topic: &str) -> Self {
        match self {
            Self::RecordRefused => {
                Self::topic_refused(topic, TopicAction::Write, RDKafkaErrorCode::InvalidRecord)
            }
            other => other,
        }
    }

    /// Whether the topic itself is refused: it is missing and may not be created, or a request about it is refused. Such
    /// an error says nothing about other topics. It passes when the topic, a right or a setting is changed.
    pub fn is_refusal_of_topic(&self) -> bool {
        match self {
            // It is about the cluster: the idempotent producer may not get an id.
            Self::TopicRefused { action: TopicAction::Write, refusal, .. } => {
                *refusal != RDKafkaErrorCode::ClusterAuthorizationFailed
            }
            Self::TopicMissing { .. } | Self::TopicRefused { .. } => true,
            _ => false,
        }
    }

    /// The cluster's refusal of a request about a topic.
    pub(crate) fn topic_refused(topic: &str, action: TopicAction, refusal: RDKafkaErrorCode) -> Self {
        Self::TopicRefused { topic: topic.to_owned(), action, refusal }
    }

    /// Whether the broker's own validation refused the batch that the record was in. Kafka names the invalid records
    /// and returns another code for the rest (KIP-467). Redpanda, and Kafka before 2.4, return this code for all.
    ///
    /// <https://cwiki.apache.org/confluence/display/KAFKA/KIP-467>
    pub(crate) fn is_refused_with_its_batch(&self) -> bool {
        self.has_code(RDKafkaErrorCode::InvalidRecord)
    }

    /// Whether the topic refused the batch for its size while the topic's limit was not known. The batch was larger
    /// than `max.message.bytes`, or than a segment of the log.
    pub(crate) fn is_too_large_together(&self) -> bool {
        self.has_code(RDKafkaErrorCode::MessageSizeTooLarge)
            || self.has_code(RDKafkaErrorCode::MessageBatchTooLarge)
    }

    /// Whether only another record of its batch was refused.
    fn is_for_another_record(&self) -> bool {
        self.has_code(RDKafkaErrorCode::InvalidDifferentRecord)
    }

    fn has_code(&self, code: RDKafkaErrorCode) -> bool {
        matches!(self, Self::Failed(error) if error.rdkafka_error_code() == Some(code))
    }

    /// Whether the message may arrive when it is sent without the records that were refused for good.
    pub(crate) fn is_worth_sending_again(&self) -> bool {
        self.is_too_large_together() || self.is_for_another_record()
    }

    /// Whether the topic, or the partition that it had when it was described, is gone since.
    pub(crate) fn is_topic_gone(&self) -> bool {
        use RDKafkaErrorCode as Code;
        [Code::UnknownTopic, Code::UnknownTopicOrPartition, Code::UnknownPartition]
            .into_iter()
            .any(|code| self.has_code(code))
    }

    /// Whether other credentials could help.
    pub(crate) fn is_refusal_of_credentials(&self) -> bool {
        match self {
            Self::Connection(fault) => fault.step >= Step::Tls,
            Self::NoAccess(AccessError::Token(TokenError::Refused { .. })) => true,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_the_broker_refuses_is_told_from_the_others_of_its_batch() {
        let report = |code| Undelivered::Failed(KafkaError::MessageProduction(code));
        let (refused, other) =
            (report(RDKafkaErrorCode::InvalidRecord), report(RDKafkaErrorCode::InvalidDifferentRecord));
        assert!(refused.is_refused_with_its_batch() && !refused.is_worth_sending_again());
        assert!(!refused.is_permanent(), "only a send of the record alone judges it");
        assert!(!other.is_permanent() && other.is_worth_sending_again());
        assert!(!report(RDKafkaErrorCode::MessageTimedOut).is_worth_sending_again());
    }

    #[test]
    fn a_batch_over_a_segments_size_is_too_large_as_one_over_a_messages() {
        for code in [RDKafkaErrorCode::MessageSizeTooLarge, RDKafkaErrorCode::MessageBatchTooLarge] {
            let report = Undelivered::Failed(KafkaError::MessageProduction(code));
            assert!(report.is_too_large_together() && report.is_worth_sending_again(), "{code}");
        }
    }

    #[test]
    fn a_refusal_is_the_topics_own_unless_it_is_about_the_cluster() {
        use RDKafkaErrorCode as Code;
        let refused = |action, code| Undelivered::topic_refused("t", action, code).is_refusal_of_topic();
        assert!(Undelivered::TopicMissing { topic: "t".to_owned() }.is_refusal_of_topic());
        for action in [TopicAction::Describe, TopicAction::Create, TopicAction::Write] {
            assert!(refused(action, Code::TopicAuthorizationFailed), "{action}");
        }
        assert!(refused(TopicAction::Create, Code::ClusterAuthorizationFailed));
        assert!(!refused(TopicAction::Write, Code::ClusterAuthorizationFailed));
        assert!(!Undelivered::NotReady.is_refusal_of_topic());
    }

    #[test]
    fn a_topic_that_refuses_all_records_is_named_with_the_setting_to_change() {
        let error = Undelivered::RecordRefused.all_refused("t").to_string();
        assert!(error.starts_with("topic t: writing to it is refused: "), "{error}");
        assert!(error.contains("XZEPR_KAFKA_DEFAULT_TOPIC"), "{error}");
    }
}
