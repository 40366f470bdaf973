//! How often the functions of the stream run, and with how many events.

use crate::cost::{Load, items::event_item_bytes};

/// The polls of a shard in a second:
/// <https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html>
const POLLS: f64 = 4.0;

/// The shards of a new table on demand: it takes 4,000 write units in a second, and each partition 1,000. A partition has
/// one open shard.
const FIRST_SHARDS: f64 = 4.0;

/// The write units of a partition in a second.
const UNITS_OF_A_PARTITION: f64 = 1000.0;

/// The most records of a batch, as the template has it.
pub(crate) const BATCH_SIZE: f64 = 500.0;

/// The bytes of a batch:
/// <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
const BATCH_BYTES: f64 = 6.0 * 1024.0 * 1024.0;

/// Bytes that a record of the stream has beside its item: the names of types, and what it says about itself.
const RECORD_BYTES: f64 = 700.0;

/// The runs of one of the functions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Runs {
    pub(crate) per_second: f64,
    /// Events in a run, the mean.
    pub(crate) events: f64,
    pub(crate) shards: f64,
}

/// The runs of each function of the stream. A poll that finds a record is a run, and polls find records at random times.
/// `table_writes` are the write units of the events' table in a second.
///
/// A function that runs for longer than the time between two polls runs less often and with more events. So this is the
/// most that it can cost.
pub(crate) fn runs(load: &Load, table_writes: f64) -> Runs {
    let records = load.records_per_second();
    let shards = (table_writes / UNITS_OF_A_PARTITION).ceil().max(FIRST_SHARDS);
    let polls = shards * POLLS;
    let finding = polls * (1.0 - (-records / polls).exp());
    let most_events = BATCH_SIZE.min(BATCH_BYTES / (event_item_bytes(load.event_bytes) + RECORD_BYTES));
    let per_second = finding.max(records / most_events);
    Runs { per_second, events: records / per_second, shards }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs_at(events_per_second: f64, event_bytes: f64) -> Runs {
        let load = Load { event_bytes, completions_share: 0.0, ..Load::of(events_per_second) };
        runs(&load, events_per_second)
    }

    #[test]
    fn at_a_low_rate_each_event_is_a_run() {
        let runs = runs_at(0.01, 500.0);
        assert!((runs.per_second - 0.01).abs() < 1e-5);
        assert!((runs.events - 1.0).abs() < 1e-3);
    }

    #[test]
    fn at_a_high_rate_each_poll_of_each_shard_is_a_run() {
        let runs = runs_at(1000.0, 500.0);
        assert!((runs.per_second - 16.0).abs() < 1e-9);
        assert!((runs.events - 62.5).abs() < 1e-9);
    }

    #[test]
    fn shards_grow_with_the_writes_and_large_events_make_small_batches() {
        assert_eq!(runs_at(10_000.0, 500.0).shards, 10.0);
        let runs = runs_at(1000.0, 249_240.0);
        assert!((runs.events - BATCH_BYTES / 250_000.0).abs() < 1e-9);
    }
}
