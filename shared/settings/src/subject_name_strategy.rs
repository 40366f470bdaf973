//! Confluent's subject name strategies.

use std::str::FromStr;

/// How the subject is named that a schema is registered under.
///
/// <https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#subject-name-strategy>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectNameStrategy {
    /// After the topic. All values of a topic share one subject.
    Topic,
    /// After the record. A record has one subject, in any topic.
    Record,
    /// After both. A record has a subject of its own in each topic.
    TopicRecord,
}

impl SubjectNameStrategy {
    /// Every strategy.
    pub const ALL: [Self; 3] = [Self::Topic, Self::Record, Self::TopicRecord];

    /// Its name in the settings.
    pub fn name(self) -> &'static str {
        match self {
            Self::Topic => "topic",
            Self::Record => "record",
            Self::TopicRecord => "topic-record",
        }
    }
}

impl FromStr for SubjectNameStrategy {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|strategy| strategy.name() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema_registry::SUBJECT_NAME_STRATEGY;

    #[test]
    fn a_strategy_is_read_by_its_name_and_named_in_the_rule() {
        for strategy in SubjectNameStrategy::ALL {
            assert!(SUBJECT_NAME_STRATEGY.rule.contains(strategy.name()), "{strategy:?}");
            assert_eq!(strategy.name().parse(), Ok(strategy));
        }
        assert_eq!("TopicNameStrategy".parse::<SubjectNameStrategy>(), Err(()));
    }
}
