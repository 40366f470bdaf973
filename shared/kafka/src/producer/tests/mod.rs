//! The producer on librdkafka's mock cluster.

mod batches;
mod lanes;
mod leaders;
mod log;
mod topics;

use rdkafka::{mocking::MockCluster, producer::DefaultProducerContext, types::RDKafkaRespErr};
use xzepr_settings::Settings;

use super::*;
use crate::topic_action::TopicAction;

type Cluster = MockCluster<'static, DefaultProducerContext>;

const TOPIC: &str = "topic";
const WITHIN: Duration = Duration::from_secs(20);

/// A broker with these topics, and a producer that creates no topic. The mock cluster creates none on request.
fn bench(topics: &[&str]) -> (Cluster, Producer) {
    let cluster = MockCluster::new(1).unwrap();
    for topic in topics {
        cluster.create_topic(topic, 1, 1).unwrap();
    }
    let producer = Producer::new(settings(&cluster, false)).unwrap();
    (cluster, producer)
}

fn settings(cluster: &Cluster, creates_topics: bool) -> KafkaSettings {
    let brokers = cluster.bootstrap_servers();
    let variable = move |name: &str| match name {
        "XZEPR_KAFKA_BROKERS" => Some(brokers.clone()),
        "XZEPR_KAFKA_CREATE_TOPICS" => Some(creates_topics.to_string()),
        _ => None,
    };
    Settings::new(variable, "").unwrap().kafka().unwrap()
}

fn message(topic: &str) -> Message {
    Message {
        topic: topic.into(),
        key: "key".to_owned(),
        value: "x".repeat(1_000).into_bytes(),
        headers: Vec::new(),
        compression: Compression::None,
    }
}

async fn publish(producer: &mut Producer, messages: &[Message]) -> Vec<Result<(), Undelivered>> {
    producer.publish(&messages.iter().collect::<Vec<_>>(), WITHIN).await
}

/// Publishes a message to each topic.
async fn publish_to(producer: &mut Producer, topics: &[&str]) -> Vec<Result<(), Undelivered>> {
    publish(producer, &topics.iter().map(|topic| message(topic)).collect::<Vec<_>>()).await
}

fn is_refused(result: &Result<(), Undelivered>, expected: TopicAction) -> bool {
    matches!(result, Err(Undelivered::TopicRefused { action, .. }) if *action == expected)
}
