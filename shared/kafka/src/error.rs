//! Why there is no client, and why a message is not on the topic.

use std::fmt;

use rdkafka::{error::KafkaError, types::RDKafkaErrorCode};

use crate::{
    certificates::CertificateError,
    fault::{ConnectionFault, Step},
    oauthbearer::TokenError,
    secrets::SecretError,
};

/// Why there is no client for the cluster.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AccessError {
    /// A secret cannot be used.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// Certificates or keys that cannot work, all of them.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Certificates(Vec<CertificateError>),
    /// There is no login token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// librdkafka refuses its properties.
    #[error("librdkafka cannot be set up: {0}")]
    Client(#[from] KafkaError),
}

/// Why a message was not delivered, for the log.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Undelivered {
    /// There is no client.
    #[error(transparent)]
    NoAccess(#[from] AccessError),
    /// Login and topic took longer than there was time.
    #[error("the cluster was not ready in time")]
    NotReady,
    /// No broker lets the client in.
    #[error("{0}")]
    Connection(ConnectionFault),
    /// No broker told of the topic.
    #[error("no broker answers (XZEPR_KAFKA_BROKERS): {0}")]
    Unreachable(KafkaError),
    /// The topic is missing and may not be created.
    #[error("topic {topic} does not exist and XZEPR_KAFKA_CREATE_TOPICS is false: create it")]
    TopicMissing {
        /// The default topic.
        topic: String,
    },
    /// The cluster did not answer the request to create the topic.
    #[error("topic {topic} could not be created: {error}")]
    TopicNotCreated {
        /// The default topic.
        topic: String,
        /// librdkafka's error.
        error: KafkaError,
    },
    /// The cluster refuses to tell of the topic, to create it or to write to it.
    #[error("topic {topic}: {action} is refused: {refusal}; {remedy}")]
    TopicRefused {
        /// The default topic.
        topic: String,
        /// What was asked.
        action: &'static str,
        /// The cluster's answer.
        refusal: RDKafkaErrorCode,
        /// What an operator can do.
        remedy: &'static str,
    },
    /// The record is larger than the topic takes.
    #[error("the record of {size} bytes is larger than the {} of topic {topic}: {limit}", .limit.property())]
    TooLarge {
        /// The default topic.
        topic: String,
        /// Key and value.
        size: usize,
        /// The topic's limit.
        limit: TopicLimit,
    },
    /// The broker's own validation refuses the record, which was alone in its batch. Whether that says
    /// something of the record or of the topic, only the others of an invocation tell.
    #[error("the broker's validation refuses the record (INVALID_RECORD)")]
    RecordRefused,
    /// The delivery report.
    #[error("{0}")]
    Failed(KafkaError),
    /// A message before it could not be queued: it was held back to keep the order.
    #[error("held back behind a message that could not be queued")]
    HeldBack,
    /// No delivery report arrived in the time of the invocation.
    #[error("no delivery report within the invocation's time")]
    OutOfTime,
}

/// How large a batch of records, as it is sent, a topic takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicLimit {
    /// `max.message.bytes`.
    Bytes(u32),
    /// `segment.bytes`, where that is less: a batch has to fit into a segment of the log.
    SegmentBytes(u32),
    /// The cluster does not tell.
    Unreadable,
}

impl TopicLimit {
    /// Whether a batch of this size is known to be under the limit.
    pub(crate) fn takes(self, size: usize) -> bool {
        matches!(self, Self::Bytes(bytes) | Self::SegmentBytes(bytes) if u32::try_from(size).is_ok_and(|size| size <= bytes))
    }

    /// The size of a producer's batches that respects the limit; at 1 each record goes alone.
    pub(crate) fn batch_size(self) -> u32 {
        match self {
            Self::Bytes(bytes) | Self::SegmentBytes(bytes) => bytes,
            Self::Unreadable => 1,
        }
    }

    /// The topic's property that has the limit.
    fn property(self) -> &'static str {
        match self {
            Self::Bytes(_) | Self::Unreadable => "max.message.bytes",
            Self::SegmentBytes(_) => "segment.bytes",
        }
    }
}

impl fmt::Display for TopicLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) | Self::SegmentBytes(bytes) => write!(f, "{bytes} bytes"),
            Self::Unreadable => f.write_str(
                "it may not be read (needs DESCRIBE_CONFIGS, MSK: kafka-cluster:DescribeTopicDynamicConfiguration)",
            ),
        }
    }
}

impl Undelivered {
    /// Whether the same record fails again however often it is sent.
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::TooLarge { .. })
    }

    /// Whether the broker's own validation refused the record, alone in its batch.
    pub fn is_refused_alone(&self) -> bool {
        matches!(self, Self::RecordRefused)
    }

    /// The error of a record that is refused alone where the topic took no other either: to publish
    /// anything, the topic has to change.
    pub fn all_refused(self, topic: &str) -> Self {
        match self {
            Self::RecordRefused => Self::topic_refused(topic, WRITING, RDKafkaErrorCode::InvalidRecord),
            other => other,
        }
    }

    /// A batch of records that the broker's own validation refuses. Kafka names the records that are the
    /// reason and has another code for the rest (KIP-467); Redpanda, and Kafka before 2.4, have this code for
    /// all of them.
    pub(crate) fn is_refused_in_company(&self) -> bool {
        self.has_code(RDKafkaErrorCode::InvalidRecord)
    }

    /// A batch of records that the topic does not take, while its limit is not known: larger than
    /// `max.message.bytes`, or than a segment of the log.
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

    /// Whether it may arrive as soon as the records that were refused for good are out of its way.
    pub(crate) fn is_worth_sending_again(&self) -> bool {
        self.is_too_large_together() || self.is_for_another_record()
    }

    /// A topic that is gone or may not be used by now.
    pub(crate) fn is_about_the_topic(&self) -> bool {
        match self {
            Self::TopicRefused { .. } => true,
            Self::Failed(error) => matches!(
                error.rdkafka_error_code(),
                Some(RDKafkaErrorCode::UnknownTopic | RDKafkaErrorCode::UnknownTopicOrPartition)
            ),
            _ => false,
        }
    }

    /// Whether other credentials could help.
    pub(crate) fn is_refusal_of_credentials(&self) -> bool {
        match self {
            Self::Connection(fault) => fault.step >= Step::Tls,
            Self::NoAccess(AccessError::Token(TokenError::Refused { .. })) => true,
            _ => false,
        }
    }

    /// The cluster's refusal of something about the topic, with what to do.
    pub(crate) fn topic_refused(topic: &str, action: &'static str, refusal: RDKafkaErrorCode) -> Self {
        let remedy = match (refusal, action) {
            (RDKafkaErrorCode::InvalidReplicationFactor, _) => {
                "see XZEPR_KAFKA_DEFAULT_TOPIC_REPLICATION_FACTOR and the number of brokers"
            }
            (RDKafkaErrorCode::InvalidPartitions, _) => "see XZEPR_KAFKA_DEFAULT_TOPIC_PARTITIONS",
            (RDKafkaErrorCode::InvalidRecord, _) => {
                "its validation takes no record of ours: look at its settings (cleanup.policy, message.timestamp.*, a \
                 schema that the brokers check), or name another topic in XZEPR_KAFKA_DEFAULT_TOPIC"
            }
            (RDKafkaErrorCode::ClusterAuthorizationFailed, WRITING) => {
                "grant IDEMPOTENT_WRITE (MSK: kafka-cluster:WriteDataIdempotently)"
            }
            (_, DESCRIBING) => "grant DESCRIBE (MSK: kafka-cluster:DescribeTopic)",
            (_, CREATING) => "grant CREATE (MSK: kafka-cluster:CreateTopic) or create it",
            _ => "grant WRITE (MSK: kafka-cluster:WriteData)",
        };
        Self::TopicRefused { topic: topic.to_owned(), action, refusal, remedy }
    }
}

pub(crate) const DESCRIBING: &str = "describing it";
pub(crate) const CREATING: &str = "creating it";
pub(crate) const WRITING: &str = "writing to it";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_that_the_broker_refuses_is_told_from_the_others_of_its_batch() {
        let report = |code| Undelivered::Failed(KafkaError::MessageProduction(code));
        let (refused, other) =
            (report(RDKafkaErrorCode::InvalidRecord), report(RDKafkaErrorCode::InvalidDifferentRecord));
        assert!(refused.is_refused_in_company() && !refused.is_worth_sending_again());
        assert!(!refused.is_permanent(), "before it was sent alone nothing is known of it");
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
    fn a_topic_that_refuses_all_says_what_to_change() {
        let error = Undelivered::RecordRefused.all_refused("t").to_string();
        assert!(error.starts_with("topic t: writing to it is refused: "), "{error}");
        assert!(error.contains("XZEPR_KAFKA_DEFAULT_TOPIC"), "{error}");
    }
}
