//! The ways to set the system up.

use std::time::Duration;

use end_to_end::{FaultyProxy, SchemaRegistryServer};
use local::{
    kafka::{Apache, Proxied},
    ports,
};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, AlterConfig, NewTopic, ResourceSpecifier, TopicReplication},
    client::DefaultClientContext,
};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::access::{AUTHORIZER, forbid_writes};

pub(crate) const TOPIC: &str = "xzepr.dev.events";

/// The topics of [`Setup::Routes`] that refuse messages: all of them, or those over [`SMALL_MESSAGE_BYTES`].
pub(crate) const FORBIDDEN_TOPIC: &str = "xzepr.dev.forbidden";
pub(crate) const SMALL_TOPIC: &str = "xzepr.dev.small";

/// The topic of [`Setup::SchemaRegistry`] whose values are the payloads.
pub(crate) const PAYLOADS_TOPIC: &str = "xzepr.dev.payloads";

/// The topic's `max.message.bytes`. The API accepts larger events.
pub(crate) const MAX_MESSAGE_BYTES: usize = 100_000;

/// The `max.message.bytes` of [`SMALL_TOPIC`].
pub(crate) const SMALL_MESSAGE_BYTES: usize = 3_000;

/// The package whose events [`Setup::Routes`] sends to all three topics. All others go to [`TOPIC`] alone.
pub(crate) const REFUSED_PACKAGE: &str = "refused";

/// A system under load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setup {
    OneBroker,
    /// Replication factor 3, `min.insync.replicas` 2.
    ThreeBrokers,
    /// One broker, and a mapping that gives up records after seconds.
    ShortRecordAge,
    /// One broker with ACLs, and three routes.
    Routes,
    /// One broker, a schema registry, and a route for each kind of schema.
    SchemaRegistry,
    /// One broker, and a table whose transactions can conflict.
    Gates,
}

impl Setup {
    /// The age at which [`Setup::ShortRecordAge`] gives up a record.
    pub(crate) const RECORD_AGE: Duration = Duration::from_secs(5);

    /// How long an invocation keeps its replay after it died, in place of 30 s.
    pub(crate) const REPLAY_LEASE: Duration = Duration::from_secs(3);

    /// How often replays are resumed, in place of a minute.
    pub(crate) const RESUME_EVERY: Duration = Duration::from_secs(2);

    /// Starts the brokers, and a proxy before the one broker. The topics exist then.
    pub(crate) async fn start_kafka(self, dir: &TempDir) -> (Apache, Option<FaultyProxy>) {
        let data = dir.path().join("kafka");
        let (kafka, proxy) = if self == Self::ThreeBrokers {
            (Apache::start(0, 3, &data).await.unwrap(), None)
        } else {
            let port = ports::free().unwrap();
            let proxy = FaultyProxy::start(&format!("127.0.0.1:{port}")).await;
            let proxied = Proxied { port, advertised_port: proxy.port() };
            let further = if self == Self::Routes { AUTHORIZER } else { "" };
            (Apache::start_behind_proxy(proxied, further, &data).await.unwrap(), Some(proxy))
        };
        self.create_topics(&kafka.brokers()).await;
        if self == Self::Routes {
            forbid_writes(&kafka.brokers(), FORBIDDEN_TOPIC).await;
        }
        (kafka, proxy)
    }

    pub(crate) async fn start_schema_registry(
        self,
        kafka: &Apache,
        dir: &TempDir,
    ) -> Option<SchemaRegistryServer> {
        if self != Self::SchemaRegistry {
            return None;
        }
        Some(SchemaRegistryServer::start(&kafka.brokers(), dir.path()).await)
    }

    /// The value of `XZEPR_ROUTES`.
    pub(crate) fn routes(self) -> Option<Value> {
        let refused = json!({"package": REFUSED_PACKAGE});
        match self {
            Self::Routes => Some(json!([
                {"name": "forbidden", "topic": FORBIDDEN_TOPIC, "when": refused},
                {"name": "small", "topic": SMALL_TOPIC, "when": refused},
                {"name": "healthy", "topic": TOPIC},
            ])),
            Self::SchemaRegistry => Some(json!([
                {"name": "messages", "topic": TOPIC, "format": "xzepr"},
                {"name": "payloads", "topic": PAYLOADS_TOPIC, "format": "cloudevents-binary"},
            ])),
            Self::OneBroker | Self::ThreeBrokers | Self::ShortRecordAge | Self::Gates => None,
        }
    }

    async fn create_topics(self, brokers: &str) {
        let replicas = if self == Self::ThreeBrokers { 3 } else { 1 };
        let (limit, small_limit) = (MAX_MESSAGE_BYTES.to_string(), SMALL_MESSAGE_BYTES.to_string());
        let topic = |name, limit| {
            let topic = NewTopic::new(name, 3, TopicReplication::Fixed(replicas));
            topic.set("max.message.bytes", limit)
        };
        let mut topics = vec![topic(TOPIC, &limit)];
        match self {
            Self::Routes => topics.extend([topic(FORBIDDEN_TOPIC, &limit), topic(SMALL_TOPIC, &small_limit)]),
            Self::SchemaRegistry => topics.push(topic(PAYLOADS_TOPIC, &limit)),
            Self::OneBroker | Self::ThreeBrokers | Self::ShortRecordAge | Self::Gates => {}
        }
        let created = admin(brokers).create_topics(&topics, &AdminOptions::new()).await.unwrap();
        created.into_iter().for_each(|created| drop(created.unwrap()));
    }
}

/// Changes the `max.message.bytes` of a topic.
pub(crate) async fn set_limit(brokers: &str, topic: &str, bytes: usize) {
    let bytes = bytes.to_string();
    let change = AlterConfig::new(ResourceSpecifier::Topic(topic)).set("max.message.bytes", &bytes);
    let changed = admin(brokers).alter_configs([&change], &AdminOptions::new()).await.unwrap();
    changed.into_iter().for_each(|changed| drop(changed.unwrap()));
}

fn admin(brokers: &str) -> AdminClient<DefaultClientContext> {
    ClientConfig::new().set("bootstrap.servers", brokers).create().unwrap()
}
