//! Requests about a topic: whether it exists, its limit, and its creation where the settings allow it.

use std::time::Duration;

use rdkafka::{
    admin::{AdminOptions, NewTopic, ResourceSpecifier, TopicReplication},
    error::KafkaError,
    metadata::{Metadata, MetadataTopic},
    producer::Producer,
    types::RDKafkaErrorCode,
};
use xzepr_settings::KafkaSettings;

use crate::{session::Session, topic_action::TopicAction, topic_limit::TopicLimit, undelivered::Undelivered};

/// Makes sure that a topic exists. It is created with the default topic's settings, and a topic that exists is left
/// as it is.
pub(crate) async fn ensure_topic(
    session: &Session,
    topic: &str,
    settings: &KafkaSettings,
    within: Duration,
) -> Result<(), Undelivered> {
    match describe(session, topic, within).await? {
        None => Ok(()),
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => {
            if !settings.create_topics {
                return Err(Undelivered::TopicMissing { topic: topic.to_owned() });
            }
            create(session, topic, settings, within).await
        }
        Some(refusal) => Err(Undelivered::topic_refused(topic, TopicAction::Describe, refusal)),
    }
}

/// Makes librdkafka request its producer id now. It does so when metadata arrives, else at its next tick of 500 ms
/// (`rd_kafka_parse_Metadata`, `rd_kafka_idemp_pid_timer_restart`). The first metadata can arrive before it is ready
/// to request the id.
pub(crate) async fn request_producer_id(session: &Session, topic: &str, within: Duration) {
    if let Err(error) = describe(session, topic, within).await {
        tracing::debug!("could not request the producer id yet: {error}");
    }
}

/// How large a batch the topic accepts: the lower of `max.message.bytes` and `segment.bytes`, of the topic or of the
/// brokers' defaults.
pub(crate) async fn limit(session: &Session, topic: &str, within: Duration) -> TopicLimit {
    let Ok(admin) = session.admin() else { return TopicLimit::Unreadable };
    let options = AdminOptions::new().request_timeout(Some(within));
    let configs = admin.describe_configs(&[ResourceSpecifier::Topic(topic)], &options).await;
    let Some(Ok(resource)) = configs.ok().and_then(|resources| resources.into_iter().next()) else {
        return TopicLimit::Unreadable;
    };
    let bytes = |name| resource.get(name)?.value.as_ref()?.parse::<u32>().ok();
    match (bytes("max.message.bytes"), bytes("segment.bytes")) {
        (Some(message), Some(segment)) if segment < message => TopicLimit::SegmentBytes(segment),
        (Some(message), _) => TopicLimit::Bytes(message),
        (None, _) => TopicLimit::Unreadable,
    }
}

/// The facts that a cluster returns to a client that is logged in.
#[derive(Debug)]
pub struct ClusterDescription {
    /// Its brokers, as `id at host:port`.
    pub brokers: Vec<String>,
    /// The number of the default topic's partitions, 0 where the topic is missing.
    pub partitions: usize,
}

pub(crate) async fn describe_cluster(
    session: &Session,
    topic: &str,
    within: Duration,
) -> Result<ClusterDescription, Undelivered> {
    let metadata = metadata(session, topic, within).await?;
    let brokers = metadata.brokers().iter();
    Ok(ClusterDescription {
        brokers: brokers
            .map(|broker| format!("{} at {}:{}", broker.id(), broker.host(), broker.port()))
            .collect(),
        partitions: metadata.topics().first().map_or(0, |topic| topic.partitions().len()),
    })
}

/// The cluster's error for the topic. `None` for a topic that can be used.
async fn describe(
    session: &Session,
    topic: &str,
    within: Duration,
) -> Result<Option<RDKafkaErrorCode>, Undelivered> {
    let metadata = metadata(session, topic, within).await?;
    Ok(metadata.topics().first().and_then(MetadataTopic::error).map(Into::into))
}

async fn metadata(session: &Session, topic: &str, within: Duration) -> Result<Metadata, Undelivered> {
    session.context().forget_fault();
    let (client, topic) = (session.client.clone(), topic.to_owned());
    let metadata = tokio::task::spawn_blocking(move || client.client().fetch_metadata(Some(&topic), within));
    let error = tokio::select! {
        metadata = metadata => match metadata.map_err(|_| Undelivered::OutOfTime)? {
            Ok(metadata) => {
                session.context().note_connected();
                return Ok(metadata);
            }
            Err(error) => error,
        },
        () = session.context().wait_for_refusal() => KafkaError::MetadataFetch(RDKafkaErrorCode::AllBrokersDown),
    };
    Err(session.explain(error).await)
}

async fn create(
    session: &Session,
    topic: &str,
    settings: &KafkaSettings,
    within: Duration,
) -> Result<(), Undelivered> {
    let new_topic = NewTopic::new(
        topic,
        settings.default_topic_partitions,
        TopicReplication::Fixed(settings.default_topic_replication_factor),
    );
    let options = AdminOptions::new().request_timeout(Some(within)).operation_timeout(Some(within));
    let results = session
        .admin()?
        .create_topics([&new_topic], &options)
        .await
        .map_err(|error| Undelivered::TopicNotCreated { topic: topic.to_owned(), error })?;
    match results.into_iter().next() {
        Some(Ok(_)) => {
            tracing::info!(topic, partitions = settings.default_topic_partitions, "created the topic");
            Ok(())
        }
        // Another instance of the function was faster.
        Some(Err((_, RDKafkaErrorCode::TopicAlreadyExists))) => Ok(()),
        Some(Err((_, refusal))) => Err(Undelivered::topic_refused(topic, TopicAction::Create, refusal)),
        None => Err(Undelivered::OutOfTime),
    }
}
