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
/// A message that is refused while others are accepted fails again. The refusal of a message without others does not
/// show whether the topic refuses all messages. As a failure, such a message would delay its shard for as long as the
/// mapping retries. As a dead letter it delays nothing, and the redrive retries it together with other dead letters.
pub(crate) fn is_permanent(error: &Undelivered, others: Others) -> bool {
    error.is_permanent() || (error.is_refused_alone() && others != Others::Refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_permanent_unless_the_topic_accepts_none_of_several_messages() {
        let refused = || Err(Undelivered::RecordRefused);
        let is_permanent = |deliveries: &[Result<(), Undelivered>], is_any_on_topic| {
            is_permanent(&Undelivered::RecordRefused, Others::of(deliveries, is_any_on_topic))
        };
        assert!(is_permanent(&[refused(), Ok(()), refused()], false));
        assert!(is_permanent(&[refused()], false));
        assert!(!is_permanent(&[refused(), refused()], false));
        assert!(!is_permanent(&[refused(), Err(Undelivered::OutOfTime)], false));
        // A retry sends only the messages that are not on the topic.
        assert!(is_permanent(&[refused(), refused()], true));
        assert!(!super::is_permanent(&Undelivered::OutOfTime, Others::Accepted));
    }
}
