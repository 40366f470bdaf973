//! Why a message is not on the topic.

use rdkafka::{error::KafkaError, types::RDKafkaErrorCode};

/// Why a message was not delivered, for the log.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Undelivered {
    /// No broker told of the topic.
    #[error("no broker answers (XZEPR_KAFKA_BROKERS): {0}")]
    Unreachable(KafkaError),
    /// The topic is missing and may not be created.
    #[error("topic {topic} does not exist and XZEPR_KAFKA_CREATE_TOPICS is false: create it")]
    TopicMissing {
        /// The default topic.
        topic: String,
    },
    /// The cluster refuses to tell of the topic or to create it.
    #[error("topic {topic}: {refusal} ({action})")]
    TopicRefused {
        /// The default topic.
        topic: String,
        /// What was asked.
        action: &'static str,
        /// The cluster's answer.
        refusal: RDKafkaErrorCode,
    },
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
