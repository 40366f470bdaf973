//! Whether a message that Kafka refused can ever be published.

use xzepr_kafka::Undelivered;

/// How a topic treated the messages of an invocation.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Topic {
    /// The number of messages that were sent.
    pub(crate) sent: usize,
    /// Whether it has accepted any, in this invocation or in an earlier one of the same batch.
    pub(crate) accepts_any: bool,
    /// Whether it is the only topic of the deployment.
    pub(crate) is_only: bool,
}

/// Whether a retry of the same message fails for the same reason, as far as other messages must not wait for it.
///
/// A record that is refused while others are accepted fails again. The refusal of a record without others does not show
/// whether the topic refuses all records. As a failure, such a record would delay its shard for as long as the mapping
/// retries. As a dead letter it delays nothing, and the redrive retries it together with other dead letters.
///
/// A topic that refuses everything is a failure of all events if it is the only one: they wait, and none needs a redrive.
/// Beside other topics it must not delay their messages, so its own messages become dead letters.
pub(crate) fn is_permanent(error: &Undelivered, topic: Topic) -> bool {
    let refuses_all = !topic.accepts_any && topic.sent > 1;
    error.is_permanent()
        || (error.is_refused_alone() && !(topic.is_only && refuses_all))
        || (error.is_refusal_of_topic() && !topic.is_only)
}

#[cfg(test)]
mod tests {
    use xzepr_kafka::TopicLimit;

    use super::*;

    const SENT_ONE: Topic = Topic { sent: 1, accepts_any: false, is_only: true };

    #[test]
    fn a_refused_record_is_permanent_unless_the_only_topic_accepts_none_of_several() {
        let is_permanent = |topic| is_permanent(&Undelivered::RecordRefused, topic);
        assert!(is_permanent(SENT_ONE));
        assert!(is_permanent(Topic { sent: 3, accepts_any: true, ..SENT_ONE }));
        assert!(!is_permanent(Topic { sent: 2, ..SENT_ONE }));
        assert!(is_permanent(Topic { sent: 2, is_only: false, ..SENT_ONE }));
    }

    #[test]
    fn a_refused_topic_is_permanent_beside_other_topics_alone() {
        let missing = Undelivered::TopicMissing { topic: "t".to_owned() };
        assert!(!is_permanent(&missing, SENT_ONE));
        assert!(is_permanent(&missing, Topic { is_only: false, ..SENT_ONE }));
    }

    #[test]
    fn a_record_that_is_too_large_is_permanent_and_an_outage_is_not() {
        let too_large = Undelivered::TooLarge { topic: "t".to_owned(), size: 2, limit: TopicLimit::Bytes(1) };
        for is_only in [true, false] {
            assert!(is_permanent(&too_large, Topic { is_only, ..SENT_ONE }));
            assert!(!is_permanent(&Undelivered::OutOfTime, Topic { is_only, ..SENT_ONE }));
        }
    }
}
