//! One artifact that all share, such as `latest`: its ledger and its successes are an item each, which grows by an
//! attribute for each receiver. DynamoDB charges a write for the whole item.

use super::{assumptions::Assumptions, limits};

/// Bytes of a receiver in such an item: its ULID, and that of its event.
const RECEIVER_BYTES: f64 = 26.0 + 26.0;

/// Bytes of the key with its names, and of the revision.
const KEY_BYTES: f64 = 100.0;

/// Rates of one artifact.
#[derive(Debug, Clone, Copy)]
pub struct Artifact {
    /// Write units of one write of its item.
    pub units: f64,
    /// Successful events in a second that index-events can write.
    pub successes: f64,
    /// Failed events in a second by the units of the ledger's partition. The POST writes the ledger, and index-events tries
    /// to write it once more.
    pub failures: f64,
    /// Failed events in a second if the transactions on the ledger come one after the other.
    pub failures_in_turn: f64,
    /// Events in a second that one shard's batches evaluate, one after the other.
    pub evaluated: f64,
}

/// The most receivers that have an event of one artifact.
pub fn most_receivers() -> f64 {
    (limits::ITEM_BYTES - KEY_BYTES) / RECEIVER_BYTES
}

/// The rates of an artifact with this number of receivers.
pub fn artifact(receivers: f64, assumptions: &Assumptions) -> Artifact {
    let units = ((KEY_BYTES + receivers * RECEIVER_BYTES) / limits::WRITE_UNIT_BYTES).ceil();
    let by_units = |units: f64| limits::PARTITION_WRITE_UNITS / units;
    let evaluation = assumptions.request_ms * (2.0 + 2.0 * assumptions.evaluated)
        + assumptions.completed * assumptions.transaction_ms;
    Artifact {
        units,
        successes: by_units(units),
        failures: by_units(2.0 * units * limits::TRANSACTION_FACTOR),
        failures_in_turn: 1_000.0 / assumptions.transaction_ms,
        evaluated: 1_000.0 / evaluation,
    }
}
