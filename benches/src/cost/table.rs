//! The request units and the storage of the events' table and the index table. ARCHITECTURE.md, Gates, has the reasons.

use crate::cost::{
    GB, Line, Load, SECONDS,
    items::{
        BYTES_BESIDE_AN_ITEM, COMPLETION_BYTES, READ_UNIT, SEARCH_ITEM_BYTES, event_item_bytes, write_units,
    },
    prices::Prices,
    runs::Runs,
};

/// Each event is in the index under its name and under its receiver.
const SEARCH_ITEMS: f64 = 2.0;

/// A transaction takes two units for each that a single write takes.
const TRANSACTION: f64 = 2.0;

/// The transaction of a completion: the gate, the check of the ledger, the check of the group and the event, of up to 1 KB
/// each.
const WRITES_OF_A_COMPLETION: f64 = 4.0 * TRANSACTION;

/// `index-events` tries to write a failure into the ledger again. DynamoDB charges the refusal.
const WRITES_OF_A_KNOWN_FAILURE: f64 = TRANSACTION;

/// The receiver's groups are read for each event. A query of up to 4 KB takes one unit.
const READS_OF_AN_EVENT: f64 = 1.0;

/// The successes of the artifact, which the write of a success returns.
const READS_OF_A_FAILURE: f64 = 1.0;

/// The ledger and the gate.
const READS_OF_A_COMPLETION: f64 = 2.0;

/// The units of a request to read: an object by its id takes one to two, a page of a search two to three.
const READS_OF_A_REQUEST: f64 = 2.0;

/// A process writes the lag of the index at most this often, in seconds.
const LAG_EVERY: f64 = 10.0;

/// The write units of the events' table that POSTs take in a second.
pub(crate) fn writes_of_posts(load: &Load) -> f64 {
    let item = write_units(event_item_bytes(load.event_bytes));
    // A key has an item of its own, and a failure the ledger.
    let (keyed, failed) = (load.keyed_share, load.failed_share);
    let in_transaction = keyed + failed - keyed * failed;
    let an_event = (1.0 - in_transaction) * item + TRANSACTION * (in_transaction * item + keyed + failed);
    load.events_per_second * an_event
}

/// The write units of both tables that gates take in a second.
pub(crate) fn writes_of_gates(load: &Load, runs: Runs) -> f64 {
    let failed = load.failed_share;
    let an_event = 1.0 - failed + failed * WRITES_OF_A_KNOWN_FAILURE;
    let lag = runs.per_second.min(runs.shards / LAG_EVERY);
    load.events_per_second * an_event + load.completions_per_second() * WRITES_OF_A_COMPLETION + lag
}

/// The write units of the index table that searches take in a second: the search items, and each time the marker of the
/// day.
pub(crate) fn writes_for_searches(load: &Load, runs: Runs) -> f64 {
    load.records_per_second() * SEARCH_ITEMS * write_units(SEARCH_ITEM_BYTES) + runs.per_second
}

/// The read units of both tables in a second. `reconcile-events` reads each event once more.
pub(crate) fn reads(load: &Load) -> f64 {
    let reconciled = event_item_bytes(load.event_bytes) / READ_UNIT;
    let an_event = READS_OF_AN_EVENT + load.failed_share * READS_OF_A_FAILURE + load.keyed_share + reconciled;
    load.events_per_second * an_event
        + load.completions_per_second() * READS_OF_A_COMPLETION
        + load.reads_per_second * READS_OF_A_REQUEST
}

/// The GB of the events' table, and of the index table.
pub(crate) fn stored_gb(load: &Load) -> (f64, f64) {
    let events = load.events() * load.months_stored;
    let event = event_item_bytes(load.event_bytes) + BYTES_BESIDE_AN_ITEM;
    let completion = COMPLETION_BYTES + 2.0 * BYTES_BESIDE_AN_ITEM;
    let search = SEARCH_ITEMS * (SEARCH_ITEM_BYTES + BYTES_BESIDE_AN_ITEM);
    let table = events * (event + load.completions_share * completion);
    let index = events * (1.0 + load.completions_share) * search;
    (table / GB, index / GB)
}

/// The cost of the tables.
pub(crate) fn lines(load: &Load, runs: Runs, prices: &Prices) -> [Line; 6] {
    let prices = &prices.prices;
    let writes = |in_a_second: f64| prices.table_writes.of(in_a_second * SECONDS);
    let (table, index) = stored_gb(load);
    [
        Line::new("DynamoDB, writes of POSTs", writes(writes_of_posts(load))),
        Line::new("DynamoDB, writes for searches", writes(writes_for_searches(load, runs))),
        Line::new("DynamoDB, writes for gates", writes(writes_of_gates(load, runs))),
        Line::new("DynamoDB, reads", prices.table_reads.of(reads(load) * SECONDS)),
        Line::new("DynamoDB, storage", prices.table_storage.of(table + index)),
        Line::new("DynamoDB, point-in-time recovery", prices.table_recovery.of(table)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::runs::runs;

    fn near(left: f64, right: f64) -> bool {
        (left - right).abs() < 1e-6
    }

    #[test]
    fn a_success_costs_one_write_a_failure_four_and_a_keyed_event_four() {
        let of = |failed_share, keyed_share| {
            writes_of_posts(&Load { event_bytes: 500.0, failed_share, keyed_share, ..Load::of(1.0) })
        };
        assert!(near(of(0.0, 0.0), 1.0));
        assert!(near(of(1.0, 0.0), 4.0));
        assert!(near(of(0.0, 1.0), 4.0));
        assert!(near(of(1.0, 1.0), 6.0));
        assert!(near(of(0.5, 0.0), 2.5));
    }

    #[test]
    fn an_item_of_two_kb_costs_twice_the_writes_of_its_post() {
        let of = |failed_share| writes_of_posts(&Load { failed_share, ..Load::of(1.0) });
        assert!(near(of(0.0), 2.0));
        assert!(near(of(1.0), 6.0));
    }

    #[test]
    fn a_month_stores_its_events_and_keeps_them() {
        let load = Load { completions_share: 0.0, months_stored: 1.0, ..Load::of(1e6 / SECONDS) };
        let (table, index) = stored_gb(&load);
        assert!(near(table, 1e6 * 1184.0 / GB));
        assert!(near(index, 1e6 * 700.0 / GB));
        let (a_year, _) = stored_gb(&Load { months_stored: 12.0, ..load });
        assert!(near(a_year, 12.0 * table));
    }

    #[test]
    fn a_thousand_events_cost_what_was_counted() {
        // tests/end_to_end/costs.rs counted 5,117 write units: 12 are markers of the day, 5 the lag, and none the 50
        // refusals, which DynamoDB charges. It counted 1,254 read units.
        let load = Load { event_bytes: 250.0, ..Load::of(1000.0) };
        let none = Runs { per_second: 0.0, events: 0.0, shards: 0.0 };
        let refused = 50.0 * WRITES_OF_A_KNOWN_FAILURE;
        let writes = writes_of_posts(&load) + writes_for_searches(&load, none) + writes_of_gates(&load, none);
        assert!(near(writes - refused, 5117.0 - 12.0 - 5.0), "{writes}");
        let reconciled = 1000.0 * event_item_bytes(250.0) / READ_UNIT;
        assert!((reads(&load) - reconciled - 1254.0).abs() < 5.0, "{}", reads(&load));
    }

    #[test]
    fn searches_and_gates_write_the_index_once_for_each_event_and_each_run() {
        let load = Load { failed_share: 0.0, completions_share: 0.0, ..Load::of(1e-6) };
        let runs = runs(&load, 0.0);
        assert!((writes_for_searches(&load, runs) / 1e-6 - 3.0).abs() < 1e-3);
        assert!((writes_of_gates(&load, runs) / 1e-6 - 2.0).abs() < 1e-3);
    }
}
