//! Explains the delivery reports that are errors.

use rdkafka::types::RDKafkaErrorCode;
use xzepr_messages::Message;

use crate::{
    fault::ConnectionFault, record_batch::size_alone, topic_action::TopicAction, topic_limit::TopicLimits,
    undelivered::Undelivered,
};

/// The facts that explain the reports of a batch.
pub(crate) struct Circumstances<'a> {
    /// The limits that the client's batches respect.
    pub(crate) limits: &'a TopicLimits,
    /// Why the last connection failed.
    pub(crate) fault: Option<ConnectionFault>,
}

impl Circumstances<'_> {
    /// The cause of a report, where the circumstances show one.
    pub(crate) fn explain(&self, error: Undelivered, message: &Message) -> Undelivered {
        use RDKafkaErrorCode as Code;
        let Undelivered::Failed(report) = &error else { return error };
        match report.rdkafka_error_code() {
            Some(Code::MessageSizeTooLarge | Code::MessageBatchTooLarge) => self.too_large(error, message),
            Some(
                refusal @ (Code::TopicAuthorizationFailed
                | Code::ClusterAuthorizationFailed
                | Code::InvalidTopic
                | Code::PolicyViolation
                | Code::InvalidTimestamp
                | Code::UnsupportedCompressionType),
            ) => Undelivered::topic_refused(&message.topic, TopicAction::Write, refusal),
            Some(Code::MessageTimedOut | Code::PurgeQueue | Code::PurgeInflight) => {
                self.fault.clone().map_or(error, Undelivered::Connection)
            }
            _ => error,
        }
    }

    /// A record that the known limit accepts was refused for other records of its batch, or for a limit that was
    /// lowered since.
    fn too_large(&self, error: Undelivered, message: &Message) -> Undelivered {
        match self.limits.of(&message.topic) {
            Some(limit) if !limit.accepts(size_alone(message)) => {
                Undelivered::TooLarge { topic: message.topic.to_string(), size: message.size(), limit }
            }
            _ => error,
        }
    }
}

#[cfg(test)]
mod tests {
    use rdkafka::error::KafkaError;
    use xzepr_settings::Compression;

    use super::*;
    use crate::topic_limit::TopicLimit;

    const LIMIT: u32 = 10_000;

    fn message(topic: &str, headers: Vec<(&'static str, String)>) -> Message {
        Message {
            topic: topic.into(),
            key: "key".to_owned(),
            value: b"{}".to_vec(),
            headers,
            compression: Compression::None,
        }
    }

    /// The explanation of a report where the limit of topic `small` is known.
    fn explain(code: RDKafkaErrorCode, message: &Message) -> Undelivered {
        let mut limits = TopicLimits::default();
        limits.learn(&"small".into(), TopicLimit::Bytes(LIMIT));
        let fault = ConnectionFault::new(RDKafkaErrorCode::SSL, "x".to_owned());
        let report = Undelivered::Failed(KafkaError::MessageProduction(code));
        Circumstances { limits: &limits, fault }.explain(report, message)
    }

    fn is_too_large(message: &Message) -> bool {
        matches!(explain(RDKafkaErrorCode::MessageSizeTooLarge, message), Undelivered::TooLarge { .. })
    }

    #[test]
    fn a_message_with_large_headers_is_too_large_and_one_below_the_limit_is_not() {
        assert!(is_too_large(&message("small", vec![("long", "x".repeat(10_000))])));
        assert!(!is_too_large(&message("small", vec![("long", "x".repeat(9_900))])));
        // 1,000 headers of 9 bytes are below the limit. With the varints of their lengths they are not.
        let many = message("small", vec![("eight888", "1".to_owned()); 1_000]);
        assert!(many.size() < LIMIT as usize && is_too_large(&many));
    }

    #[test]
    fn a_record_is_too_large_from_the_first_byte_over_the_limit() {
        let with = |length| message("small", vec![("h", "x".repeat(length))]);
        let fits = (9_000..10_000).rev().find(|length| size_alone(&with(*length)) <= LIMIT as usize).unwrap();
        assert_eq!(size_alone(&with(fits)), LIMIT as usize);
        assert!(!is_too_large(&with(fits)) && is_too_large(&with(fits + 1)));
    }

    #[test]
    fn an_error_names_the_messages_own_topic_with_the_bytes_of_its_headers() {
        let large = message("small", vec![("long", "x".repeat(10_000))]);
        assert_eq!(
            explain(RDKafkaErrorCode::MessageSizeTooLarge, &large).to_string(),
            "the record of 10009 bytes is larger than the max.message.bytes of topic small: 10000 bytes"
        );
        let refused = explain(RDKafkaErrorCode::TopicAuthorizationFailed, &message("other", Vec::new()));
        assert!(refused.to_string().starts_with("topic other: writing to it is refused: "), "{refused}");
    }

    #[test]
    fn the_limit_of_one_topic_judges_no_message_of_another() {
        let headers = || vec![("long", "x".repeat(20_000))];
        assert!(is_too_large(&message("small", headers())));
        assert!(!is_too_large(&message("other", headers())));
    }

    #[test]
    fn a_message_that_was_not_sent_in_time_names_the_connections_fault() {
        for code in
            [RDKafkaErrorCode::MessageTimedOut, RDKafkaErrorCode::PurgeQueue, RDKafkaErrorCode::PurgeInflight]
        {
            let explained = explain(code, &message("small", Vec::new()));
            assert!(matches!(explained, Undelivered::Connection(_)), "{code}");
        }
        let other = explain(RDKafkaErrorCode::InvalidRecord, &message("small", Vec::new()));
        assert!(matches!(other, Undelivered::Failed(_)));
    }
}
