//! Kafka's rules for a new topic.

use kafka_protocol::{ResponseError, messages::create_topics_request::CreatableTopic};

/// <https://github.com/apache/kafka/blob/4.1.0/clients/src/main/java/org/apache/kafka/common/internals/Topic.java>
const MAX_NAME_LENGTH: usize = 249;

/// In a request: the number that the brokers are set to.
const BROKERS_DEFAULT: i32 = -1;

/// Why a topic is not created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) error: ResponseError,
    pub(super) message: String,
}

impl Refusal {
    pub(super) fn new(error: ResponseError, message: impl Into<String>) -> Self {
        Self { error, message: message.into() }
    }

    /// The topic's name is taken.
    pub(super) fn exists(name: &str) -> Self {
        Self::new(ResponseError::TopicAlreadyExists, format!("Topic '{name}' already exists."))
    }
}

/// Checks a topic beside those that exist. Returns the number of its partitions.
pub(super) fn check(
    topic: &CreatableTopic,
    existing: &[String],
    default_partitions: i32,
) -> Result<i32, Refusal> {
    let name = topic.name.as_str();
    check_name(name).map_err(|rule| {
        Refusal::new(ResponseError::InvalidTopicException, format!("Topic name is invalid: {rule}"))
    })?;
    if existing.iter().any(|other| other == name) {
        return Err(Refusal::exists(name));
    }
    if let Some(other) = existing.iter().find(|other| share_metrics(other, name)) {
        let message = format!("Topic '{name}' collides with existing topic: {other}");
        return Err(Refusal::new(ResponseError::InvalidTopicException, message));
    }
    partitions(topic, default_partitions)
}

fn check_name(name: &str) -> Result<(), &'static str> {
    let is_legal = |char: char| char.is_ascii_alphanumeric() || matches!(char, '.' | '_' | '-');
    if name.is_empty() {
        Err("the empty string is not allowed")
    } else if name == "." || name == ".." {
        Err("'.' and '..' are not allowed")
    } else if name.len() > MAX_NAME_LENGTH {
        Err("the length is longer than 249")
    } else if name.chars().all(is_legal) {
        Ok(())
    } else {
        Err("it contains characters other than ASCII alphanumerics, '.', '_' and '-'")
    }
}

/// Kafka's metrics have an underscore in the place of a dot.
fn share_metrics(one: &str, other: &str) -> bool {
    let metric_name = |byte| if byte == b'.' { b'_' } else { byte };
    one.len() == other.len() && one.bytes().map(metric_name).eq(other.bytes().map(metric_name))
}

/// With assignments there are as many partitions as these, else the number that the request names.
fn partitions(topic: &CreatableTopic, default_partitions: i32) -> Result<i32, Refusal> {
    let refused = |error, message: &str| Err(Refusal::new(error, message));
    if !topic.assignments.is_empty() {
        let names_no_numbers =
            topic.num_partitions == BROKERS_DEFAULT && i32::from(topic.replication_factor) == BROKERS_DEFAULT;
        return match i32::try_from(topic.assignments.len()) {
            Ok(count) if names_no_numbers => Ok(count),
            _ => refused(
                ResponseError::InvalidRequest,
                "A request with assignments must not name a number of partitions or replicas.",
            ),
        };
    }
    // There is one broker. More replicas than that are no fault here, so that a request made for a larger cluster works.
    if topic.replication_factor < 1 && i32::from(topic.replication_factor) != BROKERS_DEFAULT {
        return refused(
            ResponseError::InvalidReplicationFactor,
            "Replication factor must be larger than 0, or -1 to use the default value.",
        );
    }
    match topic.num_partitions {
        BROKERS_DEFAULT => Ok(default_partitions),
        count if count >= 1 => Ok(count),
        _ => refused(
            ResponseError::InvalidPartitions,
            "Number of partitions must be larger than 0, or -1 to use the default value.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use kafka_protocol::{
        messages::{TopicName, create_topics_request::CreatableReplicaAssignment},
        protocol::StrBytes,
    };

    use super::*;

    fn topic(name: &str) -> CreatableTopic {
        let name = TopicName(StrBytes::from_string(name.to_owned()));
        CreatableTopic::default().with_name(name).with_num_partitions(2).with_replication_factor(1)
    }

    fn error(topic: &CreatableTopic) -> ResponseError {
        check(topic, &["a.topic".to_owned()], 3).unwrap_err().error
    }

    #[test]
    fn a_name_follows_kafkas_rules() {
        for name in ["a", "A-9_.z", "_", "...", &"a".repeat(249)] {
            assert_eq!(check(&topic(name), &[], 3), Ok(2), "{name}");
        }
        for name in ["", ".", "..", "a b", "a/b", "ä", "a\0", "a\n", &"a".repeat(250)] {
            assert_eq!(error(&topic(name)), ResponseError::InvalidTopicException, "{name}");
        }
    }

    #[test]
    fn a_name_that_exists_or_differs_by_a_dot_and_an_underscore_is_refused() {
        assert_eq!(error(&topic("a.topic")), ResponseError::TopicAlreadyExists);
        assert_eq!(error(&topic("a_topic")), ResponseError::InvalidTopicException);
    }

    #[test]
    fn numbers_are_at_least_one_or_the_default() {
        assert_eq!(check(&topic("a").with_num_partitions(-1), &[], 3), Ok(3));
        for replicas in [-1, 1, 3] {
            assert_eq!(check(&topic("a").with_replication_factor(replicas), &[], 3), Ok(2));
        }
        for count in [0, -2] {
            assert_eq!(error(&topic("a").with_num_partitions(count)), ResponseError::InvalidPartitions);
        }
        for count in [0, -2] {
            let topic = topic("a").with_replication_factor(count);
            assert_eq!(error(&topic), ResponseError::InvalidReplicationFactor);
        }
    }

    #[test]
    fn assignments_count_the_partitions_and_allow_no_other_numbers() {
        let assigned = topic("a").with_assignments(vec![CreatableReplicaAssignment::default(); 4]);
        assert_eq!(error(&assigned), ResponseError::InvalidRequest);
        let assigned = assigned.with_num_partitions(-1).with_replication_factor(-1);
        assert_eq!(check(&assigned, &[], 3), Ok(4));
    }
}
