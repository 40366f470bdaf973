//! The default topic: found, or created where the settings allow it.

use std::time::Duration;

use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    error::KafkaError,
    metadata::MetadataTopic,
    producer::{FutureProducer, Producer},
    types::RDKafkaErrorCode,
};
use xzepr_settings::KafkaSettings;

use crate::{config::client_config, error::Undelivered};

/// Makes sure that the default topic exists. A topic that exists is left as it is.
pub(crate) async fn ensure_default_topic(
    producer: &FutureProducer,
    settings: &KafkaSettings,
    within: Duration,
) -> Result<(), Undelivered> {
    let topic = &settings.default_topic;
    match describe(producer, topic, within).await? {
        None => Ok(()),
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => {
            if !settings.create_topics {
                return Err(Undelivered::TopicMissing { topic: topic.clone() });
            }
            create(settings, within).await
        }
        Some(refusal) => {
            Err(Undelivered::TopicRefused { topic: topic.clone(), action: "describing it", refusal })
        }
    }
}

/// Makes librdkafka ask for its producer id now: it does so when metadata arrives, else at a tick of
/// 500 ms (`rd_kafka_parse_Metadata`, `rd_kafka_idemp_pid_timer_restart`), and the first metadata can
/// arrive before it is prepared to ask.
pub(crate) async fn request_producer_id(producer: &FutureProducer, topic: &str, within: Duration) {
    if let Err(error) = describe(producer, topic, within).await {
        tracing::debug!("the producer id comes later: {error}");
    }
}

/// What the cluster says against the topic; `None` for a topic that can be used.
async fn describe(
    producer: &FutureProducer,
    topic: &str,
    within: Duration,
) -> Result<Option<RDKafkaErrorCode>, Undelivered> {
    let (producer, topic) = (producer.clone(), topic.to_owned());
    let metadata =
        tokio::task::spawn_blocking(move || producer.client().fetch_metadata(Some(&topic), within))
            .await
            .map_err(|_| Undelivered::OutOfTime)?
            .map_err(Undelivered::Unreachable)?;
    Ok(metadata.topics().first().and_then(MetadataTopic::error).map(Into::into))
}

async fn create(settings: &KafkaSettings, within: Duration) -> Result<(), Undelivered> {
    let admin: AdminClient<DefaultClientContext> =
        client_config(settings).create().map_err(Undelivered::Failed)?;
    let topic = NewTopic::new(
        &settings.default_topic,
        settings.default_topic_partitions,
        TopicReplication::Fixed(settings.default_topic_replication_factor),
    );
    let options = AdminOptions::new().request_timeout(Some(within)).operation_timeout(Some(within));
    let results = admin.create_topics([&topic], &options).await.map_err(Undelivered::Unreachable)?;
    match results.into_iter().next() {
        // Another instance of the function may have been quicker.
        Some(Err((_, refusal))) if refusal != RDKafkaErrorCode::TopicAlreadyExists => {
            Err(Undelivered::TopicRefused {
                topic: settings.default_topic.clone(),
                action: "creating it",
                refusal,
            })
        }
        None => Err(Undelivered::Failed(KafkaError::AdminOp(RDKafkaErrorCode::Fail))),
        _ => {
            tracing::info!(
                topic = settings.default_topic,
                partitions = settings.default_topic_partitions,
                "created the topic"
            );
            Ok(())
        }
    }
}
