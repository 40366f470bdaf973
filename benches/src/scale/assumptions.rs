//! Times, sizes and shares that AWS does not document. Each is an option of the command.

use clap::Args;

use super::{limits, number::ceil};

/// The load's shape, and the times of requests.
#[derive(Debug, Clone, Args)]
pub struct Assumptions {
    /// Bytes of an event's item. A body of 1 KB makes one of a bit more, which costs two write units.
    #[arg(long, default_value_t = 1_000.0)]
    pub item_bytes: f64,
    /// Bytes of a message, after compression.
    #[arg(long, default_value_t = 1_000.0)]
    pub message_bytes: f64,
    /// Events of one POST, up to 100.
    #[arg(long, default_value_t = 1.0)]
    pub events_per_request: f64,
    /// The share of failed events.
    #[arg(long, default_value_t = 0.05)]
    pub failed: f64,
    /// The share of events with an Idempotency-Key, or that are CloudEvents.
    #[arg(long, default_value_t = 0.0)]
    pub keyed: f64,
    /// The share of events that make a group complete. Each is one more event.
    #[arg(long, default_value_t = 0.1)]
    pub completed: f64,
    /// The share of events whose artifact has a success of each member of a group. For them the ledger and the gate are
    /// read.
    #[arg(long, default_value_t = 0.2)]
    pub evaluated: f64,
    /// Receivers, and as many names. The n-th has 1/n of the events of the first.
    #[arg(long, default_value_t = 20)]
    pub receivers: u32,
    /// Groups. The n-th has 1/n of the completions of the first.
    #[arg(long, default_value_t = 5)]
    pub groups: u32,
    /// A request to DynamoDB for one item, in milliseconds. AWS says single digits; a whole warm invocation with one takes 5.
    #[arg(long, default_value_t = 4.0)]
    pub request_ms: f64,
    /// A transaction, in milliseconds: two rounds over its items.
    #[arg(long, default_value_t = 10.0)]
    pub transaction_ms: f64,
    /// Processor time of a request through the SDK, in milliseconds. Measured: 0.07 to 0.17.
    #[arg(long, default_value_t = 0.1)]
    pub request_cpu_ms: f64,
    /// A warm POST in its function, in milliseconds.
    #[arg(long, default_value_t = 10.0)]
    pub post_ms: f64,
    /// Processor time of publishing one record, in microseconds. Measured: 12.7 to 16.
    #[arg(long, default_value_t = 15.0)]
    pub publish_cpu_us: f64,
    /// Kafka's acknowledgement of a batch by all replicas, in milliseconds.
    #[arg(long, default_value_t = 10.0)]
    pub kafka_ms: f64,
    /// Brokers of the cluster.
    #[arg(long, default_value_t = 3)]
    pub brokers: u32,
    /// The longest wait of an event source mapping between two attempts, in seconds. AWS documents none.
    #[arg(long, default_value_t = 120)]
    pub longest_wait_s: u64,
    /// The seed of all chance but the real ids.
    #[arg(long, default_value_t = 16)]
    pub seed: u64,
}

impl Assumptions {
    /// Write units of a plain put of an event.
    pub fn item_units(&self) -> f64 {
        (self.item_bytes / limits::WRITE_UNIT_BYTES).ceil().max(1.0)
    }

    /// Events in the stream for each event of a caller.
    pub fn records_per_event(&self) -> f64 {
        1.0 + self.completed
    }

    /// Write units under the partition keys of events, for each event of a caller. A failed event and one with a key are
    /// in a transaction, as the event of a completion is, which has up to 1 KB.
    pub fn event_key_units(&self) -> f64 {
        let in_transaction = self.failed + self.keyed - self.failed * self.keyed;
        let factor = 1.0 + in_transaction * (limits::TRANSACTION_FACTOR - 1.0);
        self.item_units() * factor + self.completed * limits::TRANSACTION_FACTOR
    }

    /// Write units of the events' table, for each event of a caller: also the ledger, once by the POST and once more by
    /// index-events, the response of a key, and a gate with the checks of its ledger and its group.
    pub fn table_units(&self) -> f64 {
        let transaction = limits::TRANSACTION_FACTOR;
        self.event_key_units()
            + self.failed * 2.0 * transaction
            + self.keyed * transaction
            + self.completed * 3.0 * transaction
    }

    /// Write units of the index table, for each event of a caller: two search items for each event, and a success.
    pub fn index_units(&self) -> f64 {
        2.0 * self.records_per_event() + (1.0 - self.failed)
    }

    /// The share of the first of `count` receivers, names or groups.
    pub fn hottest(count: u32) -> f64 {
        1.0 / (1..=count.max(1)).map(|rank| 1.0 / f64::from(rank)).sum::<f64>()
    }

    /// The time of publish-events for a batch of this number of records, in microseconds.
    pub fn publish_us(&self, memory: f64, records: u64) -> u64 {
        let cpu_us = self.publish_cpu_us * records as f64 / processors(memory);
        ceil(self.kafka_ms * 1e3 + cpu_us)
    }

    /// The time of index-events for a batch, in microseconds: its processor time or its waits, whichever is longer. Of
    /// each artifact's events one is evaluated after the other, of 16 artifacts at once, so this is for events of as many
    /// artifacts.
    pub fn index_us(&self, memory: f64, records: u64) -> u64 {
        const AT_ONCE: f64 = 16.0;
        let records = records as f64;
        let callers = records / self.records_per_event();
        // A success and the memberships; the ledger and the gate; the commit.
        let requests = 2.0 + 2.0 * self.evaluated + self.completed;
        let waits = (2.0 + 2.0 * self.evaluated) * self.request_ms + self.completed * self.transaction_ms;
        let batches = (2.0 * records / 25.0).ceil();
        let cpu_ms = (callers * requests + 3.0 * batches) * self.request_cpu_ms / processors(memory);
        let rounds = (callers / AT_ONCE).ceil().max(1.0);
        ceil(cpu_ms.max(rounds * waits).max(self.request_ms * 2.0) * 1e3)
    }
}

/// The processors of a function with this memory, in MB.
fn processors(memory: f64) -> f64 {
    memory / limits::MEGABYTES_PER_PROCESSOR
}
