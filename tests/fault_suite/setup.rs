//! The ways to set the system up.

use std::time::Duration;

use end_to_end::FaultyProxy;
use local::{
    kafka::{Apache, Proxied},
    ports,
};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
};
use tempfile::TempDir;

pub(crate) const TOPIC: &str = "xzepr.dev.events";

/// The topic's `max.message.bytes`. The API accepts larger events.
pub(crate) const MAX_MESSAGE_BYTES: usize = 100_000;

/// A system under load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setup {
    OneBroker,
    /// Replication factor 3, `min.insync.replicas` 2.
    ThreeBrokers,
    /// One broker, and a mapping that gives up records after seconds.
    ShortRecordAge,
}

impl Setup {
    /// The age at which [`Setup::ShortRecordAge`] gives up a record.
    pub(crate) const RECORD_AGE: Duration = Duration::from_secs(5);

    /// How long an invocation keeps its replay after it died, in place of 30 s.
    pub(crate) const REPLAY_LEASE: Duration = Duration::from_secs(3);

    /// How often replays are resumed, in place of a minute.
    pub(crate) const RESUME_EVERY: Duration = Duration::from_secs(2);

    /// Starts the brokers, and a proxy before the one broker. The topic exists then.
    pub(crate) async fn start_kafka(self, dir: &TempDir) -> (Apache, Option<FaultyProxy>) {
        let data = dir.path().join("kafka");
        let (kafka, proxy) = if self == Self::ThreeBrokers {
            (Apache::start(0, 3, &data).await.unwrap(), None)
        } else {
            let port = ports::free().unwrap();
            let proxy = FaultyProxy::start(&format!("127.0.0.1:{port}")).await;
            let proxied = Proxied { port, advertised_port: proxy.port() };
            (Apache::start_behind_proxy(proxied, &data).await.unwrap(), Some(proxy))
        };
        self.create_topic(&kafka.brokers()).await;
        (kafka, proxy)
    }

    async fn create_topic(self, brokers: &str) {
        let admin: AdminClient<DefaultClientContext> =
            ClientConfig::new().set("bootstrap.servers", brokers).create().unwrap();
        let replication = TopicReplication::Fixed(if self == Self::ThreeBrokers { 3 } else { 1 });
        let limit = MAX_MESSAGE_BYTES.to_string();
        let topic = NewTopic::new(TOPIC, 3, replication).set("max.message.bytes", &limit);
        let created = admin.create_topics([&topic], &AdminOptions::new()).await.unwrap();
        created.into_iter().next().unwrap().unwrap();
    }
}
