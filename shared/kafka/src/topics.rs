//! Requests about topics: whether they exist, and their limits.

use std::{sync::Arc, time::Duration};

use rdkafka::{
    admin::{AdminOptions, ConfigResourceResult, ResourceSpecifier},
    error::KafkaError,
    metadata::{Metadata, MetadataTopic},
    producer::Producer,
    types::RDKafkaErrorCode,
};

use crate::{
    leaders::led_partitions, session::Session, topic_action::TopicAction, topic_limit::TopicLimit,
    undelivered::Undelivered,
};

/// The longest name that Kafka accepts (`org.apache.kafka.common.internals.Topic`).
const MAX_NAME_BYTES: usize = 249;

/// How a cluster describes a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Description {
    /// Messages can be sent to it. Has a partition of each broker that a new client connects to.
    Usable(Vec<i32>),
    /// There is no such topic.
    Missing,
    /// The cluster refuses to describe it, or its name.
    Refused(RDKafkaErrorCode),
}

/// Describes a topic. librdkafka keeps the description too. Without it, a message to a topic that does not exist would
/// wait for `topic.metadata.propagation.max.ms`.
pub(crate) async fn describe(
    session: &Session,
    topic: &str,
    within: Duration,
) -> Result<Description, Undelivered> {
    if !is_sendable(topic) {
        return Ok(Description::Refused(RDKafkaErrorCode::InvalidTopic));
    }
    let metadata = metadata(session, topic, within).await?;
    let topic = metadata.topics().first();
    Ok(match topic.and_then(MetadataTopic::error).map(Into::into) {
        // librdkafka waits for a leader itself.
        None | Some(RDKafkaErrorCode::LeaderNotAvailable) => Description::Usable(led_partitions(topic)),
        Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => {
            Description::Missing
        }
        Some(refusal) => Description::Refused(refusal),
    })
}

/// Whether librdkafka can ask for a topic of this name. rdkafka panics at a name that is longer than 512 bytes.
pub(crate) fn is_sendable(topic: &str) -> bool {
    (1..=MAX_NAME_BYTES).contains(&topic.len()) && !topic.contains('\0')
}

/// Makes librdkafka request its producer id now. It does so when metadata arrives, else at its next tick of 500 ms
/// (`rd_kafka_parse_Metadata`, `rd_kafka_idemp_pid_timer_restart`). The first metadata can arrive before it is ready
/// to request the id.
pub(crate) async fn request_producer_id(session: &Session, topic: &str, within: Duration) {
    session.context().forget_fault();
    if let Err(error) = describe(session, topic, within).await {
        tracing::debug!("could not request the producer id yet: {error}");
    }
}

/// How large a batch each topic accepts: the lower of `max.message.bytes` and `segment.bytes`, of the topic or of the
/// brokers' defaults.
pub(crate) async fn limits(session: &Session, topics: &[&Arc<str>], within: Duration) -> Vec<TopicLimit> {
    let none = || vec![TopicLimit::Unreadable; topics.len()];
    let Ok(admin) = session.admin() else { return none() };
    let options = AdminOptions::new().request_timeout(Some(within));
    let resources: Vec<_> = topics.iter().map(|topic| ResourceSpecifier::Topic(topic)).collect();
    // librdkafka returns them in the order of the request.
    match admin.describe_configs(&resources, &options).await {
        Ok(configs) if configs.len() == topics.len() => configs.iter().map(limit).collect(),
        Ok(_) | Err(_) => none(),
    }
}

fn limit(config: &ConfigResourceResult) -> TopicLimit {
    let bytes = |name| config.as_ref().ok()?.get(name)?.value.as_ref()?.parse::<u32>().ok();
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
    /// The number of the topic's partitions, 0 where the topic is missing.
    pub partitions: usize,
}

pub(crate) async fn describe_cluster(
    session: &Session,
    topic: &str,
    within: Duration,
) -> Result<ClusterDescription, Undelivered> {
    if !is_sendable(topic) {
        return Err(Undelivered::topic_refused(topic, TopicAction::Describe, RDKafkaErrorCode::InvalidTopic));
    }
    session.context().forget_fault();
    let metadata = metadata(session, topic, within).await?;
    let brokers = metadata.brokers().iter();
    Ok(ClusterDescription {
        brokers: brokers
            .map(|broker| format!("{} at {}:{}", broker.id(), broker.host(), broker.port()))
            .collect(),
        partitions: metadata.topics().first().map_or(0, |topic| topic.partitions().len()),
    })
}

async fn metadata(session: &Session, topic: &str, within: Duration) -> Result<Metadata, Undelivered> {
    let (client, topic) = (Arc::clone(&session.client), topic.to_owned());
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
