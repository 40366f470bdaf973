//! The cost of each codec, in CPU time and in bytes on the wire, for batches as the publisher sends them.
//!
//! ```sh
//! cargo bench --profile dev -p xzepr-kafka --bench compression
//! ```
//!
//! The codecs are measured in turn, each in every round, so that other load on the machine affects all of them. Needs
//! Linux: the CPU time is that of librdkafka's own threads, from `/proc`.

#![expect(clippy::unwrap_used, reason = "a benchmark ends with a panic")]
#![expect(clippy::print_stdout, reason = "it prints a table")]

use std::{
    env, fs,
    sync::atomic::{AtomicU64, Ordering},
    thread,
    time::Duration,
};

use rdkafka::{
    ClientConfig, ClientContext, Statistics,
    message::DeliveryResult,
    mocking::MockCluster,
    producer::{BaseRecord, Producer, ProducerContext, ThreadedProducer},
};
use xzepr_kafka::{LINGER, flush};
use xzepr_settings::Compression;

const BATCH: usize = 100;
const ROUNDS: usize = 100;
const STATISTICS_EVERY: Duration = Duration::from_millis(50);

fn main() {
    // `cargo test --benches` runs it without this argument.
    if !env::args().any(|argument| argument == "--bench") {
        return;
    }
    for size in [500, 10_000] {
        let batches: Vec<_> = (0..ROUNDS).map(|round| batch(round, size)).collect();
        let mut lanes: Vec<_> = Compression::ALL.into_iter().map(Lane::start).collect();
        for lane in &mut lanes {
            // The connection, the metadata and the producer id.
            lane.send(&batches[0]);
            lane.start_measuring();
        }
        for batch in &batches {
            for lane in &mut lanes {
                lane.send(batch);
            }
        }
        let records = u32::try_from(BATCH * ROUNDS).unwrap();
        println!("{BATCH} records of {} bytes on average", mean_size(&batches));
        println!("{:8} {:>14} {:>12}", "codec", "CPU us/record", "bytes/record");
        for lane in lanes {
            let (cpu, bytes) = lane.cost();
            let micros = cpu.as_secs_f64() * 1e6 / f64::from(records);
            println!("{:8} {micros:14.2} {:12}", lane.compression.name(), bytes / u64::from(records));
        }
    }
}

/// A producer with one codec, and its cluster.
struct Lane {
    compression: Compression,
    producer: ThreadedProducer<SentBytes>,
    _cluster: MockCluster<'static, rdkafka::producer::DefaultProducerContext>,
    cpu: Duration,
    bytes_before: u64,
}

impl Lane {
    fn start(compression: Compression) -> Self {
        let cluster = MockCluster::new(1).unwrap();
        cluster.create_topic("topic", 3, 1).unwrap();
        let producer = ClientConfig::new()
            .set("bootstrap.servers", cluster.bootstrap_servers())
            .set("statistics.interval.ms", STATISTICS_EVERY.as_millis().to_string())
            // These are the publisher's (src/config.rs).
            .set("acks", "all")
            .set("linger.ms", LINGER.as_millis().to_string())
            .set("enable.idempotence", "true")
            .set("partitioner", "murmur2_random")
            .set("compression.type", compression.name())
            .set("compression.level", compression.level().to_string())
            .create_with_context(SentBytes::default())
            .unwrap();
        Self { compression, producer, _cluster: cluster, cpu: Duration::ZERO, bytes_before: 0 }
    }

    /// Sends the records together, and waits for their delivery.
    fn send(&mut self, batch: &[(String, String)]) {
        let before = cpu_of_senders();
        for (key, value) in batch {
            self.producer.send(BaseRecord::to("topic").key(key).payload(value)).map_err(|(e, _)| e).unwrap();
        }
        while self.producer.in_flight_count() > 0 {
            flush(self.producer.client(), Duration::from_secs(30));
        }
        self.cpu += cpu_of_senders().saturating_sub(before);
    }

    fn start_measuring(&mut self) {
        self.cpu = Duration::ZERO;
        self.bytes_before = self.bytes();
    }

    /// The CPU time and the bytes since the start of the measurement.
    fn cost(&self) -> (Duration, u64) {
        (self.cpu, self.bytes() - self.bytes_before)
    }

    fn bytes(&self) -> u64 {
        thread::sleep(3 * STATISTICS_EVERY);
        self.producer.context().0.load(Ordering::Relaxed)
    }
}

/// The bytes that the client has sent, as its statistics say.
#[derive(Default)]
struct SentBytes(AtomicU64);

impl ClientContext for SentBytes {
    fn stats(&self, statistics: Statistics) {
        let bytes: u64 = statistics.brokers.values().map(|broker| broker.txbytes).sum();
        self.0.store(bytes, Ordering::Relaxed);
    }
}

impl ProducerContext for SentBytes {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        assert!(result.is_ok());
    }
}

/// The CPU time of the threads that compress and send. All of them belong to this process's producers.
fn cpu_of_senders() -> Duration {
    let threads = fs::read_dir("/proc/self/task").unwrap().map(|thread| thread.unwrap().path());
    let senders = threads.filter(|thread| {
        fs::read_to_string(thread.join("comm")).is_ok_and(|name| name.starts_with("rdk:broker"))
    });
    let nanos = senders.filter_map(|thread| {
        let times = fs::read_to_string(thread.join("schedstat")).ok()?;
        times.split_whitespace().next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

fn mean_size(batches: &[Vec<(String, String)>]) -> usize {
    let sizes = batches.iter().flatten().map(|(_, value)| value.len());
    sizes.sum::<usize>() / (batches.len() * BATCH)
}

/// Keys and values of about `size` bytes. The payload is a list of test results, as a build reports them.
fn batch(round: usize, size: usize) -> Vec<(String, String)> {
    (0..BATCH).map(|index| message(&mut Random((round * BATCH + index + 1) as u64), size)).collect()
}

fn message(random: &mut Random, size: usize) -> (String, String) {
    const CRATES: [&str; 6] = ["store", "publishing", "kafka", "messages", "domain", "json_schema"];
    const VERBS: [&str; 5] = ["refuses", "keeps", "delivers", "reads", "counts"];
    const NOUNS: [&str; 7] =
        ["an_empty_list", "the_last_event", "a_replay", "two_ids", "every_header", "a_name", "time"];
    let id = random.text(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", 26);
    let commit = random.text(b"0123456789abcdef", 40);
    let start = format!(
        "{{\"success\":true,\"id\":\"{id}\",\"specversion\":\"1.0.1\",\"type\":\"build.finished\",\
         \"source\":\"xzepr.event.receiver.01HJ1K2M3N4P5Q6R7S8T9V0W1X\",\"api_version\":\"v1\",\
         \"name\":\"build.finished\",\"version\":\"2.1.{}\",\"release\":\"2.1.0\",\"platform_id\":\"kubernetes\",\
         \"package\":\"myapp\",\"data\":{{\"description\":\"Built myapp\",\
         \"event_receiver_id\":\"01HJ1K2M3N4P5Q6R7S8T9V0W1X\",\"created_at\":\"2026-11-28T12:{:02}:{:02}.{:03}Z\",\
         \"payload\":{{\"commit\":\"{commit}\",\"tests\":[",
        random.below(1000),
        random.below(60),
        random.below(60),
        random.below(1000),
    );
    let mut value = start;
    while value.len() < size {
        let separator = if value.ends_with('[') { "" } else { "," };
        value += &format!(
            "{separator}{{\"name\":\"{}::{}_{}\",\"ms\":{},\"ok\":true}}",
            CRATES[random.below(CRATES.len())],
            VERBS[random.below(VERBS.len())],
            NOUNS[random.below(NOUNS.len())],
            random.below(10_000),
        );
    }
    value += "]}}}";
    (id, value)
}

/// Marsaglia's xorshift64, so that each run sends the same records. Its state must not be 0.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn text(&mut self, alphabet: &[u8], length: usize) -> String {
        (0..length).map(|_| char::from(alphabet[self.below(alphabet.len())])).collect()
    }
}
