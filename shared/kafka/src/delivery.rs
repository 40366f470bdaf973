//! Delivery reports, in words that say what to do.

use rdkafka::{producer::DeliveryFuture, types::RDKafkaErrorCode};
use xzepr_messages::Message;

use crate::{
    fault::ConnectionFault, topic_action::TopicAction, topic_limit::TopicLimit, undelivered::Undelivered,
};

/// What a batch adds to the key and the value of its only record, at most: its own fields and headers.
const OVERHEAD: usize = 1024;

/// Waits for a message's report.
pub(crate) async fn report(delivery: DeliveryFuture) -> Result<(), Undelivered> {
    match delivery.await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err((error, _))) => Err(Undelivered::Failed(error)),
        Err(_) => Err(Undelivered::OutOfTime),
    }
}

/// What is known beside a report.
pub(crate) struct Circumstances<'a> {
    pub(crate) topic: &'a str,
    /// The limit that the client keeps its batches under, where it has been learned.
    pub(crate) limit: Option<TopicLimit>,
    /// Why the last connection failed.
    pub(crate) fault: Option<ConnectionFault>,
}

impl Circumstances<'_> {
    pub(crate) fn explain(&self, error: Undelivered, message: &Message) -> Undelivered {
        let Undelivered::Failed(report) = &error else { return error };
        match (report.rdkafka_error_code(), self.limit) {
            (
                Some(RDKafkaErrorCode::MessageSizeTooLarge | RDKafkaErrorCode::MessageBatchTooLarge),
                Some(limit),
            ) => {
                let size = message.key.len() + message.value.len();
                // Under the limit that is known it was refused for one that is lower by now.
                if limit.accepts(size + OVERHEAD) {
                    return error;
                }
                Undelivered::TooLarge { topic: self.topic.to_owned(), size, limit }
            }
            (
                Some(
                    refusal @ (RDKafkaErrorCode::TopicAuthorizationFailed
                    | RDKafkaErrorCode::ClusterAuthorizationFailed),
                ),
                _,
            ) => Undelivered::topic_refused(self.topic, TopicAction::Write, refusal),
            (
                Some(
                    RDKafkaErrorCode::MessageTimedOut
                    | RDKafkaErrorCode::PurgeQueue
                    | RDKafkaErrorCode::PurgeInflight,
                ),
                _,
            ) => self.fault.clone().map_or(error, Undelivered::Connection),
            _ => error,
        }
    }
}
