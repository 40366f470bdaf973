//! Creates missing topics.

use std::{sync::Arc, time::Duration};

use rdkafka::{
    admin::{AdminOptions, NewTopic, TopicReplication},
    error::KafkaError,
    types::RDKafkaErrorCode,
};
use xzepr_settings::KafkaSettings;

use crate::{session::Session, topic_action::TopicAction, undelivered::Undelivered};

/// Creates topics with the default topic's partitions and replication factor, all in one request. One result for each
/// topic, in their order. The error is the one of a request without a response.
pub(crate) async fn create(
    session: &Session,
    topics: &[&Arc<str>],
    settings: &KafkaSettings,
    within: Duration,
) -> Result<Vec<Result<(), Undelivered>>, Undelivered> {
    let Some(first) = topics.first() else { return Ok(Vec::new()) };
    let partitions = settings.default_topic_partitions;
    let replication = settings.default_topic_replication_factor;
    let new_topics: Vec<_> = topics
        .iter()
        .map(|topic| NewTopic::new(topic, partitions, TopicReplication::Fixed(replication)))
        .collect();
    let options = AdminOptions::new().request_timeout(Some(within)).operation_timeout(Some(within));
    let responses = session
        .admin()?
        .create_topics(&new_topics, &options)
        .await
        .map_err(|error| Undelivered::TopicNotCreated { topic: first.to_string(), error })?;
    let result = |topic: &Arc<str>| {
        let of_topic = |response: &&Result<String, (String, RDKafkaErrorCode)>| match response {
            Ok(name) | Err((name, _)) => **name == **topic,
        };
        match responses.iter().find(of_topic) {
            Some(Ok(_)) => {
                tracing::info!(topic = &**topic, partitions, "created the topic");
                Ok(())
            }
            Some(Err((_, code))) => accept(topic, *code),
            None => Err(Undelivered::OutOfTime),
        }
    };
    Ok(topics.iter().map(|topic| result(topic)).collect())
}

/// The meaning of an error code of a topic that was to be created.
fn accept(topic: &str, code: RDKafkaErrorCode) -> Result<(), Undelivered> {
    use RDKafkaErrorCode as Code;
    match code {
        // Another instance of the function was faster.
        Code::TopicAlreadyExists => Ok(()),
        // These pass: an election, a slow controller, a quota.
        Code::NotController | Code::RequestTimedOut | Code::ThrottlingQuotaExceeded => {
            Err(Undelivered::TopicNotCreated { topic: topic.to_owned(), error: KafkaError::AdminOp(code) })
        }
        refusal => Err(Undelivered::topic_refused(topic, TopicAction::Create, refusal)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_error_that_lasts_is_a_refusal_of_the_topic() {
        use RDKafkaErrorCode as Code;
        assert!(accept("t", Code::TopicAlreadyExists).is_ok());
        for (code, is_refusal) in [
            (Code::TopicAuthorizationFailed, true),
            (Code::ClusterAuthorizationFailed, true),
            (Code::InvalidTopic, true),
            (Code::PolicyViolation, true),
            (Code::InvalidReplicationFactor, true),
            (Code::RequestTimedOut, false),
            (Code::NotController, false),
            (Code::ThrottlingQuotaExceeded, false),
        ] {
            let error = accept("t", code).unwrap_err();
            assert_eq!(error.is_refusal_of_topic(), is_refusal, "{code}");
        }
    }
}
