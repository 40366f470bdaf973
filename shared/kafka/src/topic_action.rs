//! The requests about a topic that a cluster may refuse, and the remedy for each refusal.

use std::fmt;

use rdkafka::types::RDKafkaErrorCode;

/// A request about a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicAction {
    /// To read its metadata.
    Describe,
    /// To create it.
    Create,
    /// To write records to it.
    Write,
}

impl TopicAction {
    /// The remedy for an operator, after the cluster refused the request.
    pub(crate) fn remedy(self, refusal: RDKafkaErrorCode) -> &'static str {
        match (refusal, self) {
            (RDKafkaErrorCode::InvalidReplicationFactor, _) => {
                "see XZEPR_KAFKA_DEFAULT_TOPIC_REPLICATION_FACTOR and the number of brokers"
            }
            (RDKafkaErrorCode::InvalidPartitions, _) => "see XZEPR_KAFKA_DEFAULT_TOPIC_PARTITIONS",
            (
                RDKafkaErrorCode::InvalidRecord
                | RDKafkaErrorCode::InvalidTimestamp
                | RDKafkaErrorCode::PolicyViolation
                | RDKafkaErrorCode::UnsupportedCompressionType,
                Self::Write,
            ) => {
                "its validation accepts no record of ours: check its settings (cleanup.policy, \
                 compression.type, message.timestamp.*, a schema that the brokers check), or name another topic in \
                 XZEPR_KAFKA_DEFAULT_TOPIC or in its route in XZEPR_ROUTES"
            }
            (RDKafkaErrorCode::InvalidTopic, _) => {
                "Kafka accepts no such name, or a topic exists whose name differs only in '.' and '_': see \
                 XZEPR_KAFKA_DEFAULT_TOPIC, or its route in XZEPR_ROUTES"
            }
            (RDKafkaErrorCode::PolicyViolation, Self::Create) => {
                "the cluster's policy for new topics: create it, or see XZEPR_KAFKA_DEFAULT_TOPIC_PARTITIONS and \
                 XZEPR_KAFKA_DEFAULT_TOPIC_REPLICATION_FACTOR"
            }
            (RDKafkaErrorCode::ClusterAuthorizationFailed, Self::Write) => {
                "grant IDEMPOTENT_WRITE (MSK: kafka-cluster:WriteDataIdempotently)"
            }
            (_, Self::Describe) => "grant DESCRIBE (MSK: kafka-cluster:DescribeTopic)",
            (_, Self::Create) => "grant CREATE (MSK: kafka-cluster:CreateTopic) or create it",
            (_, Self::Write) => "grant WRITE (MSK: kafka-cluster:WriteData)",
        }
    }
}

impl fmt::Display for TopicAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Describe => "describing it",
            Self::Create => "creating it",
            Self::Write => "writing to it",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_refusal_names_the_right_or_the_setting_that_is_missing() {
        use RDKafkaErrorCode as Code;
        for (action, refusal, named) in [
            (TopicAction::Describe, Code::TopicAuthorizationFailed, "grant DESCRIBE"),
            (TopicAction::Create, Code::TopicAuthorizationFailed, "grant CREATE"),
            (TopicAction::Create, Code::ClusterAuthorizationFailed, "grant CREATE"),
            (TopicAction::Create, Code::InvalidReplicationFactor, "_DEFAULT_TOPIC_REPLICATION_FACTOR"),
            (TopicAction::Create, Code::InvalidPartitions, "_DEFAULT_TOPIC_PARTITIONS"),
            (TopicAction::Write, Code::TopicAuthorizationFailed, "grant WRITE"),
            (TopicAction::Write, Code::ClusterAuthorizationFailed, "grant IDEMPOTENT_WRITE"),
            (TopicAction::Create, Code::PolicyViolation, "the cluster's policy for new topics"),
            (
                TopicAction::Create,
                Code::InvalidTopic,
                "XZEPR_KAFKA_DEFAULT_TOPIC, or its route in XZEPR_ROUTES",
            ),
            (TopicAction::Describe, Code::InvalidTopic, "Kafka accepts no such name"),
            (
                TopicAction::Write,
                Code::InvalidRecord,
                "XZEPR_KAFKA_DEFAULT_TOPIC or in its route in XZEPR_ROUTES",
            ),
        ] {
            let remedy = action.remedy(refusal);
            assert!(remedy.contains(named), "{action}, {refusal}: {remedy}");
        }
    }
}
