//! Readers on the embedded Kafka.

use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    producer::{FutureProducer, FutureRecord},
};
use tokio::task::block_in_place;

use super::*;
use crate::kafka::{Embedded, Kafka};

const WITHIN: Duration = Duration::from_secs(10);
const SOON: Duration = Duration::from_millis(500);

struct Cluster(Kafka);

impl Cluster {
    async fn start() -> Self {
        Self(Kafka::Embedded(Embedded::start(0, ["first".into()].into(), 2).await.unwrap()))
    }

    fn config(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", self.0.brokers());
        config
    }

    async fn create(&self, topic: &str) {
        let admin: AdminClient<DefaultClientContext> = self.config().create().unwrap();
        let topic = NewTopic::new(topic, 2, TopicReplication::Fixed(1));
        let results = admin.create_topics([&topic], &AdminOptions::new()).await.unwrap();
        results.into_iter().for_each(|result| drop(result.unwrap()));
    }

    async fn produce(&self, topic: &str, key: &str) {
        let producer: FutureProducer = self.config().create().unwrap();
        producer.send(FutureRecord::to(topic).key(key).payload("value"), WITHIN).await.unwrap();
    }

    fn read(&self, topics: impl Into<Topics>, start: StartAt) -> Reader {
        block_in_place(|| Reader::open(&self.0.brokers(), topics, start)).unwrap()
    }
}

fn next(reader: &Reader, within: Duration) -> Option<(String, String)> {
    let record = block_in_place(|| reader.next(within))?;
    Some((record.topic, record.key))
}

fn record(topic: &str, key: &str) -> Option<(String, String)> {
    Some((topic.to_owned(), key.to_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_appears_is_read_from_its_beginning_and_the_others_go_on() {
    let cluster = Cluster::start().await;
    cluster.produce("first", "before").await;
    let reader = cluster.read(Topics::all(), StartAt::End);
    assert_eq!(next(&reader, SOON), None);
    for topic in ["second", "third"] {
        cluster.create(topic).await;
        cluster.produce(topic, "new").await;
        assert_eq!(next(&reader, WITHIN), record(topic, "new"));
    }
    for topic in ["first", "second", "third"] {
        cluster.produce(topic, "later").await;
        assert_eq!(next(&reader, WITHIN), record(topic, "later"));
    }
    assert_eq!(next(&reader, SOON), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_is_not_accepted_is_not_read() {
    let cluster = Cluster::start().await;
    let reader = cluster.read(Topics::all(), StartAt::Beginning);
    let events =
        cluster.read(Topics::Accepted(std::sync::Arc::new(|topic| topic.ends_with(".events"))), StartAt::End);
    for topic in ["__internal", "other", "builds.events"] {
        cluster.create(topic).await;
        cluster.produce(topic, "key").await;
    }
    assert_eq!(next(&events, WITHIN), record("builds.events", "key"));
    assert_eq!(next(&events, SOON), None);
    let mut read = [next(&reader, WITHIN), next(&reader, WITHIN)];
    read.sort();
    assert_eq!(read, [record("builds.events", "key"), record("other", "key")]);
    assert_eq!(next(&reader, SOON), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn named_topics_are_awaited_and_no_other_is_read() {
    let cluster = Cluster::start().await;
    let brokers = cluster.0.brokers();
    let names = Topics::Named(vec!["first".to_owned(), "second".to_owned()]);
    let opened = tokio::task::spawn_blocking(move || Reader::open(&brokers, names, StartAt::Beginning));
    cluster.create("other").await;
    cluster.produce("other", "key").await;
    cluster.create("second").await;
    let reader = opened.await.unwrap().unwrap();
    cluster.produce("second", "key").await;
    assert_eq!(next(&reader, WITHIN), record("second", "key"));
    cluster.produce("first", "key").await;
    assert_eq!(next(&reader, WITHIN), record("first", "key"));
    // As long as a look for new topics takes.
    assert_eq!(next(&reader, 2 * LOOK_EVERY), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_that_appears_after_an_outage_is_read() {
    let mut cluster = Cluster::start().await;
    let reader = cluster.read(Topics::all(), StartAt::End);
    cluster.0.down().await.unwrap();
    assert_eq!(next(&reader, 2 * LOOK_EVERY), None);
    cluster.0.up().await.unwrap();
    cluster.create("second").await;
    cluster.produce("second", "key").await;
    assert_eq!(next(&reader, WITHIN), record("second", "key"));
}
