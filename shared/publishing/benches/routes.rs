//! The CPU time of the publisher with one route, and with two routes to two topics in two formats.
//!
//! ```sh
//! cargo bench -p xzepr-publishing --bench routes
//! ```
//!
//! Both are measured in turn, each in every round, so that other load on the machine affects both. A round is the work of
//! one invocation of `publish-events`: a batch of the stream's records is parsed, and its messages are sent. The brokers
//! are librdkafka's mock cluster, whose CPU time is left out. Needs Linux: the CPU time is from `/proc`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a benchmark ends with a panic")]
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::{env, fs, time::Duration};

use rdkafka::{mocking::MockCluster, producer::DefaultProducerContext};
use xzepr_domain::EventId;
use xzepr_publishing::{Outcome, Publication, Publish, Publisher};
use xzepr_settings::Settings;
use xzepr_store::{Key, RecordKind, StreamRecord, Table};

const RECORDS: usize = 100;
const ROUNDS: usize = 200;
const WITHIN: Duration = Duration::from_secs(30);

const ONE: &str = "routes: [{name: a, topic: a}]";
const TWO: &str = "routes: [{name: a, topic: a}, {name: b, topic: b, format: cloudevents}]";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    // `cargo test --benches` runs it without this argument.
    if !env::args().any(|argument| argument == "--bench") {
        return;
    }
    for payload in [200, 10_000] {
        let mut lanes = [Lane::start(ONE).await, Lane::start(TWO).await];
        for lane in &mut lanes {
            // The connection, the metadata and the producer id.
            lane.publish(&batch(payload)).await;
            lane.cpu = Duration::ZERO;
        }
        for _ in 0..ROUNDS {
            let batch = batch(payload);
            for lane in &mut lanes {
                lane.publish(&batch).await;
            }
        }
        let events = u32::try_from(RECORDS * ROUNDS).unwrap();
        let [one, two] = lanes.map(|lane| lane.cpu.as_secs_f64() * 1e6 / f64::from(events));
        println!(
            "payloads of {payload} bytes: {one:.1} us/event with one route, {two:.1} with two, ratio {:.2}",
            two / one
        );
    }
}

/// A publisher with its own brokers.
struct Lane {
    publisher: Publisher,
    cpu: Duration,
    _cluster: MockCluster<'static, DefaultProducerContext>,
}

impl Lane {
    async fn start(routes: &'static str) -> Self {
        let cluster = MockCluster::new(1).unwrap();
        for topic in ["a", "b"] {
            cluster.create_topic(topic, 3, 1).unwrap();
        }
        let brokers = cluster.bootstrap_servers();
        let variable = move |name: &str| (name == "XZEPR_KAFKA_BROKERS").then(|| brokers.clone());
        let settings = Settings::new(variable, routes).unwrap();
        // Neither format reads receivers, so no table is reached.
        let table = Table::connect(settings.table().unwrap()).unwrap();
        let dead_letters = table.dead_letters(settings.dead_letters().unwrap());
        let mut publisher = Publisher::new(&settings, table, dead_letters).await.unwrap();
        publisher.prepare().await;
        Self { publisher, cpu: Duration::ZERO, _cluster: cluster }
    }

    /// The work of an invocation.
    async fn publish(&mut self, batch: &str) {
        let before = cpu_of_this_process();
        let records = StreamRecord::parse_batch(batch.as_bytes()).unwrap();
        let publications: Vec<_> = records.into_iter().map(publication).collect();
        let outcomes = self.publisher.publish(&publications, WITHIN).await;
        self.cpu += cpu_of_this_process().saturating_sub(before);
        assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Published)), "{:?}", outcomes[0]);
    }
}

fn publication(record: StreamRecord) -> Publication {
    let StreamRecord { key, kind, .. } = record;
    let RecordKind::Event(event) = kind else { panic!("the record has no event: {kind:?}") };
    Publication::new(key.unwrap(), Ok::<_, String>(*event))
}

/// A batch as the event source mapping sends it, with the test results of a build in about `payload` bytes.
fn batch(payload: usize) -> String {
    let record = |index: usize| {
        let Key { partition, sort } = Key::event(EventId::generate());
        let mut tests = String::new();
        while tests.len() < payload {
            let separator = if tests.is_empty() { "" } else { "," };
            tests += &format!(
                r#"{separator}{{\"name\":\"store::keeps_event_{}\",\"ms\":{},\"ok\":true}}"#,
                tests.len(),
                (index * 7919 + tests.len() * 104_729) % 10_000
            );
        }
        format!(
            r#"{{"eventName":"INSERT","dynamodb":{{"SequenceNumber":"{index}",
            "Keys":{{"pk":{{"S":"{partition}"}},"sk":{{"S":"{sort}"}}}},
            "NewImage":{{"pk":{{"S":"{partition}"}},"sk":{{"S":"{sort}"}},"name":{{"S":"build.finished"}},
            "version":{{"S":"2.1.0"}},"release":{{"S":"2.1.0-rc.1"}},"platform_id":{{"S":"kubernetes"}},
            "package":{{"S":"myapp"}},"description":{{"S":"Build {index} of myapp"}},
            "event_receiver_id":{{"S":"01HJ1K2M3N4P5Q6R7S8T9V0W1X"}},"success":{{"BOOL":true}},
            "payload":{{"S":"{{\"tests\":[{tests}]}}"}}}}}}}}"#
        )
    };
    format!(r#"{{"Records":[{}]}}"#, (0..RECORDS).map(record).collect::<Vec<_>>().join(","))
}

/// The CPU time of all threads but the brokers'.
fn cpu_of_this_process() -> Duration {
    let threads = fs::read_dir("/proc/self/task").unwrap().map(|thread| thread.unwrap().path());
    let own = threads.filter(|thread| {
        fs::read_to_string(thread.join("comm")).is_ok_and(|name| !name.starts_with("rdk:mock"))
    });
    let nanos = own.filter_map(|thread| {
        let times = fs::read_to_string(thread.join("schedstat")).ok()?;
        times.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}
