//! Whether a message that Kafka refused can ever be published.

use xzepr_kafka::Undelivered;

/// How a topic treated the other messages of an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Others {
    /// There are no others.
    None,
    /// The topic accepted at least one.
    Accepted,
    /// The topic accepted none.
    Refused,
}

impl Others {
    pub(crate) fn of(deliveries: &[Result<(), Undelivered>], is_any_on_topic: bool) -> Self {
        if is_any_on_topic || deliveries.iter().any(Result::is_ok) {
            Self::Accepted
        } else if deliveries.len() == 1 {
            Self::None
        } else {
            Self::Refused
        }
    }
}

/// Whether a retry of the same message fails for the same reason.
///
/// A message that is refused while others are accepted fails again. A message without others says nothing about
/// the topic. As a failure it would hold up its shard for as long as the mapping retries. As a dead letter it holds
/// up nothing, and the redrive retries it beside other dead letters.
pub(crate) fn is_lasting(error: &Undelivered, others: Others) -> bool {
    error.is_permanent() || (error.is_refused_alone() && others != Others::Refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_record_is_a_dead_letter_unless_the_topic_accepts_none_of_several() {
        let refused = || Err(Undelivered::RecordRefused);
        let is_lasting = |deliveries: &[Result<(), Undelivered>], is_any_on_topic| {
            is_lasting(&Undelivered::RecordRefused, Others::of(deliveries, is_any_on_topic))
        };
        assert!(is_lasting(&[refused(), Ok(()), refused()], false));
        assert!(is_lasting(&[refused()], false));
        assert!(!is_lasting(&[refused(), refused()], false));
        assert!(!is_lasting(&[refused(), Err(Undelivered::OutOfTime)], false));
        // A retry sends only the messages that are not on the topic.
        assert!(is_lasting(&[refused(), refused()], true));
        assert!(!super::is_lasting(&Undelivered::OutOfTime, Others::Accepted));
    }
}
