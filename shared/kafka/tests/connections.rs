//! The brokers that a new producer connects to, by librdkafka's log. It is a test of its own, since the log is the
//! process's.

#![expect(clippy::unwrap_used, reason = "a test ends with a panic")]

use std::{
    collections::BTreeSet,
    fmt::{Debug, Write},
    sync::Mutex,
    time::Duration,
};

use rdkafka::mocking::MockCluster;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};
use xzepr_kafka::Producer;
use xzepr_messages::Message;
use xzepr_settings::{Compression, Settings};

const TOPIC: &str = "topic";

/// Attempts to see a start in which librdkafka selects no second broker. It does so if its own metadata ended the first
/// connection before the leaders were known.
const ATTEMPTS: usize = 40;

/// The lines that were logged since they were taken last.
static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

#[tokio::test(flavor = "multi_thread")]
async fn a_producer_connects_to_its_first_leaders_at_once_and_to_no_other_broker() {
    tracing::subscriber::set_global_default(Lines).unwrap();
    for (brokers, partitions, leaders) in [(1, 3, 1), (3, 3, 3), (30, 1, 1), (30, 30, 3)] {
        let cluster = MockCluster::new(brokers).unwrap();
        cluster.create_topic(TOPIC, partitions, 1).unwrap();
        let mut starts = Vec::new();
        while !starts.contains(&Start { selected: 1, connected: leaders }) {
            assert!(starts.len() < ATTEMPTS, "{brokers} brokers, {partitions} partitions: {starts:?}");
            starts.push(start(cluster.bootstrap_servers()).await);
        }
    }
}

/// The connections of a producer until it is prepared.
#[derive(Debug, PartialEq, Eq)]
struct Start {
    /// How often librdkafka selected any broker. It does so for the first connection. A second time is after a wait.
    selected: usize,
    /// The brokers that it connected to, apart from bootstrap servers.
    connected: usize,
}

/// Prepares a producer and sends a message.
async fn start(brokers: String) -> Start {
    let variable = move |name: &str| match name {
        "XZEPR_KAFKA_BROKERS" => Some(brokers.clone()),
        "XZEPR_KAFKA_CREATE_TOPICS" => Some("false".to_owned()),
        "XZEPR_KAFKA_DEBUG" => Some("broker".to_owned()),
        _ => None,
    };
    let settings = Settings::new(variable, "").unwrap().kafka().unwrap();
    LINES.lock().unwrap().clear();
    let mut producer = Producer::new(settings).unwrap();
    let errors = producer.prepare(&[(TOPIC.into(), Compression::None)]).await;
    assert!(errors.is_empty(), "{errors:?}");
    await_lines().await;
    let lines = std::mem::take(&mut *LINES.lock().unwrap());
    let message = Message {
        topic: TOPIC.into(),
        key: "key".to_owned(),
        value: b"{}".to_vec(),
        headers: Vec::new(),
        compression: Compression::None,
    };
    let sent = producer.publish(&[&message], Duration::from_secs(20)).await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    let with = |text: &'static str| lines.iter().filter(move |line| line.contains(text));
    let connected: BTreeSet<_> = with("Broker changed state APIVERSION_QUERY -> UP")
        .filter(|line| !line.contains("/bootstrap"))
        .collect();
    Start { selected: with("Selected for cluster connection").count(), connected: connected.len() }
}

/// librdkafka's lines arrive when its client is polled next. A line is of the producer id, which needs a connection.
async fn await_lines() {
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        if LINES.lock().unwrap().iter().any(|line| line.contains("PID updated")) {
            return;
        }
    }
}

/// Keeps the message of each event.
struct Lines;

impl Subscriber for Lines {
    /// rdkafka asks with the target `librdkafka` whether librdkafka may write lines for debugging.
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "librdkafka" || metadata.target().starts_with("xzepr_kafka")
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        LINES.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            write!(self.0, "{value:?}").unwrap();
        }
    }
}
