//! The stream at a load: its shards, both functions behind it, and Kafka. Each is simulated, also an outage of an hour.

use xzepr_store::LAST_CHARACTERS;

use super::{
    assumptions::Assumptions,
    limits,
    number::ceil,
    simulation::{Arrivals, Failure, Outage, SECOND, Scenario, Totals, run},
    template::{Mapping, Template},
};

/// Lanes that are simulated. They do not depend on each other, so more of them would show the same.
const MOST_LANES: u64 = 4;

/// How long the load is simulated before an outage, and without one.
const BEFORE: u64 = 600 * SECOND;

/// The length of the outage.
const OUTAGE: u64 = 3_600 * SECOND;

/// The message timeout of the publisher: an attempt without Kafka takes that long.
const ATTEMPT: u64 = 45 * SECOND;

/// Records come to a shard in steps of this time.
const SLOT: u64 = SECOND / 10;

/// The end of a simulation that does not catch up.
const MOST_TIME: u64 = 24 * 3_600 * SECOND;

/// The events' table at a load.
#[derive(Debug, Clone, Copy)]
pub struct Stream {
    /// Callers' events in a second that the table accepts.
    pub accepted: f64,
    /// Shards with events.
    pub shards: u64,
    /// Records of each in a second.
    pub records: f64,
}

/// The partition keys that a day's events have.
pub fn keys() -> u64 {
    LAST_CHARACTERS.len() as u64
}

/// Events in a second that this number of partition keys takes.
pub fn capacity(assumptions: &Assumptions, keys: u64) -> f64 {
    keys as f64 * limits::PARTITION_WRITE_UNITS / assumptions.event_key_units()
}

impl Stream {
    /// The stream at this load, with this number of partition keys. A table on demand begins with four partitions, and
    /// each is a shard.
    pub fn at(load: f64, keys: u64, assumptions: &Assumptions) -> Self {
        let accepted = load.min(capacity(assumptions, keys));
        let units = accepted * assumptions.event_key_units();
        let first = ceil(limits::NEW_TABLE_WRITE_UNITS / limits::PARTITION_WRITE_UNITS);
        let shards = ceil(units / limits::PARTITION_WRITE_UNITS).clamp(first, keys.max(first));
        let records = accepted * assumptions.records_per_event() / shards as f64;
        Self { accepted, shards, records }
    }

    /// All records in a second.
    pub fn all_records(&self) -> f64 {
        self.records * self.shards as f64
    }
}

/// A function behind the stream.
#[derive(Debug, Clone, Copy)]
pub struct Reader {
    /// Its mapping.
    pub mapping: Mapping,
    /// The time of an invocation with one record.
    pub one: u64,
    /// The time of a whole batch.
    pub full: u64,
    /// Records in a second that it can hand on, for all shards together.
    pub shared_rate: Option<f64>,
}

impl Reader {
    /// publish-events, with a topic of this number of partitions.
    pub fn publish(template: &Template, assumptions: &Assumptions, partitions: f64) -> Self {
        let time = |records| assumptions.publish_us(template.publish_memory, records);
        let rate = partitions * limits::KAFKA_PARTITION_BYTES / assumptions.message_bytes;
        let mapping = template.publish;
        Self { mapping, one: time(1), full: time(mapping.batch_size), shared_rate: Some(rate) }
    }

    /// index-events.
    pub fn index(template: &Template, assumptions: &Assumptions) -> Self {
        let time = |records| assumptions.index_us(template.index_memory, records);
        let mapping = template.index;
        Self { mapping, one: time(1), full: time(mapping.batch_size), shared_rate: None }
    }

    /// Records of a shard in a second that it can take: as the reads allow, and as its executions do.
    pub fn capacity(&self, assumptions: &Assumptions) -> f64 {
        let reads = (limits::READS_PER_SECOND * read_records(assumptions)) as f64;
        let lanes = self.mapping.parallelization_factor as f64;
        reads.min(lanes * self.mapping.batch_size as f64 / (self.full as f64 / SECOND as f64))
    }

    /// Simulates it at this stream. The executions are those of all shards.
    pub fn simulate(&self, stream: &Stream, assumptions: &Assumptions, has_outage: bool) -> Totals {
        let factor = self.mapping.parallelization_factor.max(1);
        let lanes = stream.shards * factor;
        let simulated = lanes.min(MOST_LANES);
        let share = simulated as f64 / lanes as f64;
        let outage = Outage { from: BEFORE, to: BEFORE + OUTAGE, attempt: ATTEMPT, failure: Failure::Waits };
        let mut totals = run(&Scenario {
            lanes: simulated,
            mapping: self.mapping,
            read_every: SECOND / limits::READS_PER_SECOND,
            read_records: (read_records(assumptions) / factor).max(1),
            arrivals: Arrivals {
                rate: stream.records / factor as f64,
                slot: SLOT,
                seed: Some(assumptions.seed),
            },
            fixed: self.one,
            full_batch: self.full.saturating_sub(self.one),
            shared_rate: self.shared_rate.map(|rate| rate * share),
            outage: has_outage.then_some(outage),
            longest_wait: assumptions.longest_wait_s * SECOND,
            until: if has_outage { MOST_TIME } else { BEFORE },
        });
        totals.busy = ceil(totals.busy as f64 / share);
        totals.invocations = ceil(totals.invocations as f64 / share);
        totals
    }

    /// The longest lag of the records that are done in this minute after the outage. `None` if none is late any more.
    pub fn lag_after(totals: &Totals, minutes: u64) -> Option<u64> {
        totals.lag_at(BEFORE + OUTAGE + minutes * 60 * SECOND)
    }

    /// How long it takes after the outage until no record is late. `None` if it is still late a day after the beginning.
    pub fn caught_up_after(totals: &Totals) -> Option<u64> {
        let late = totals.late_until.unwrap_or_default().saturating_sub(BEFORE + OUTAGE);
        (totals.ended < MOST_TIME).then_some(late)
    }
}

/// Records of one read of a shard. A record has the item, and about as much as 300 bytes of its own.
fn read_records(assumptions: &Assumptions) -> u64 {
    let bytes = ceil(assumptions.item_bytes + 300.0).max(1);
    (limits::READ_BYTES / bytes).clamp(1, limits::READ_RECORDS)
}
