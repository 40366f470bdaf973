//! The creation of topics, as librdkafka and the wire see it.

use std::time::Duration;

use kafka_protocol::{
    messages::{ApiKey, create_topics_request::CreatableTopic},
    protocol::Encodable,
};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer},
    producer::{FutureProducer, FutureRecord},
    types::RDKafkaErrorCode,
};

use super::*;
use crate::kafka::embedded::{
    Embedded,
    tests::{Client, kafka},
};

const WITHIN: Duration = Duration::from_secs(10);

fn config(kafka: &Embedded) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", kafka.brokers()).set("allow.auto.create.topics", "false");
    config
}

async fn create(
    kafka: &Embedded,
    topics: &[(&str, i32)],
    options: &AdminOptions,
) -> Vec<Option<RDKafkaErrorCode>> {
    let admin: AdminClient<DefaultClientContext> = config(kafka).create().unwrap();
    let topics: Vec<_> =
        topics.iter().map(|(name, count)| NewTopic::new(name, *count, TopicReplication::Fixed(3))).collect();
    let results = admin.create_topics(&topics, options).await.unwrap();
    results.into_iter().map(|result| result.err().map(|(_, code)| code)).collect()
}

/// The number of a topic's partitions, or why it has none.
async fn partitions(
    kafka: &Embedded,
    topic: &'static str,
) -> std::result::Result<usize, Option<RDKafkaErrorCode>> {
    let consumer: BaseConsumer = config(kafka).create().unwrap();
    let metadata = spawn_blocking(move || consumer.fetch_metadata(Some(topic), WITHIN).unwrap());
    let metadata = metadata.await.unwrap();
    let topic = &metadata.topics()[0];
    match topic.error() {
        None => Ok(topic.partitions().len()),
        Some(error) => Err(Some(error.into())),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_creates_topics_and_writes_to_them() {
    let kafka = Embedded::start(0, ["topic".into()].into(), 5).await.unwrap();
    let created = create(&kafka, &[("builds", 2), ("deployments", -1)], &AdminOptions::new()).await;
    assert_eq!(created, [None, None]);
    assert_eq!(partitions(&kafka, "builds").await, Ok(2));
    assert_eq!(partitions(&kafka, "deployments").await, Ok(5));
    let producer: FutureProducer = config(&kafka).create().unwrap();
    let record = FutureRecord::to("builds").key("key").payload("value");
    assert_eq!(producer.send(record, WITHIN).await.unwrap().offset, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_is_refused_does_not_hinder_the_others() {
    let kafka = kafka().await;
    let topics = [("topic", 1), ("no topic", 1), ("builds", 0), ("wide", 10_001), ("deployments", 1)];
    let created = create(&kafka, &topics, &AdminOptions::new()).await;
    let expected = [
        Some(RDKafkaErrorCode::TopicAlreadyExists),
        Some(RDKafkaErrorCode::InvalidTopic),
        Some(RDKafkaErrorCode::InvalidPartitions),
        Some(RDKafkaErrorCode::PolicyViolation),
        None,
    ];
    assert_eq!(created, expected);
    assert_eq!(partitions(&kafka, "deployments").await, Ok(1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_only_validates_creates_nothing() {
    let kafka = kafka().await;
    let options = AdminOptions::new().validate_only(true);
    let validated = create(&kafka, &[("builds", 1), ("topic", 1)], &options).await;
    assert_eq!(validated, [None, Some(RDKafkaErrorCode::TopicAlreadyExists)]);
    let missing = Err(Some(RDKafkaErrorCode::UnknownTopicOrPartition));
    assert_eq!(partitions(&kafka, "builds").await, missing);
    // Nor does a question for the topic create it.
    assert_eq!(partitions(&kafka, "builds").await, missing);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_of_several_clients_creates_a_topic() {
    let kafka = kafka().await;
    let options = AdminOptions::new();
    let creation = || create(&kafka, &[("builds", 1)], &options);
    let (one, two, three) = tokio::join!(creation(), creation(), creation());
    let created = [one, two, three].concat();
    let refused = created.iter().flatten().filter(|code| **code == RDKafkaErrorCode::TopicAlreadyExists);
    assert_eq!((created.len(), refused.count()), (3, 2));
}

fn topic(name: &'static str) -> CreatableTopic {
    let name = TopicName(StrBytes::from_static_str(name));
    CreatableTopic::default().with_name(name).with_num_partitions(-1).with_replication_factor(-1)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_response_has_the_version_of_the_request_and_one_result_for_each_name() {
    let kafka = kafka().await;
    tokio::task::block_in_place(|| {
        let mut client = Client::connect(&kafka);
        for (version, name) in (2..=6).zip(["v2", "v3", "v4", "v5", "v6"]) {
            let request =
                CreateTopicsRequest::default().with_topics(vec![topic(name), topic("two"), topic("two")]);
            let mut body = Vec::new();
            if version >= 5 {
                // The header's tags.
                body.push(0);
            }
            request.encode(&mut body, version).unwrap();
            client.send(ApiKey::CreateTopics, version, version.into(), &body);
            let (correlation_id, response) = client.receive::<CreateTopicsResponse>(version);
            assert_eq!(correlation_id, i32::from(version));
            let results: Vec<_> =
                response.topics.iter().map(|topic| (topic.name.as_str(), topic.error_code)).collect();
            assert_eq!(results, [(name, 0), ("two", ResponseError::InvalidRequest.code())]);
            if version >= 5 {
                assert_eq!(
                    (response.topics[0].num_partitions, response.topics[0].replication_factor),
                    (1, 1)
                );
            }
        }
    });
}

#[test]
fn a_request_for_many_topics_is_decided_at_once() {
    let names = (0..100_000).map(|number| StrBytes::from_string(format!("topic-{number}")));
    let topics = names.map(|name| topic("").with_name(TopicName(name)).with_num_partitions(1));
    let request = CreateTopicsRequest::default().with_topics(topics.collect());
    let decisions = decide(&request, &[], 1);
    assert_eq!(decisions.iter().filter(|(_, decision)| decision.is_ok()).count(), 10_000);
}
