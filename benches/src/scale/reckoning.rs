//! The limits that a load meets, in the order in which it meets them.

use super::{
    assumptions::Assumptions,
    limits,
    stream::{self, Reader, Stream},
    template::Template,
};

/// Records of the scheduled reconciliation: 130 minutes (functions/reconcile-events/src/request.rs).
const RECONCILED_SECONDS: f64 = 130.0 * 60.0;

/// Records that the memory of reconcile-events is enough for (docs/operations.md, Reconciling).
const RECONCILED_RECORDS: f64 = 8e6;

/// A limit.
#[derive(Debug, Clone, PartialEq)]
pub struct Limit {
    /// Its name.
    pub name: &'static str,
    /// Events of callers in a second at which it is met.
    pub events: f64,
    /// The effect of a load above it.
    pub gives: &'static str,
    /// How one sees it.
    pub seen: &'static str,
    /// The setting, quota or code to change.
    pub change: &'static str,
}

/// All limits, the lowest first.
pub fn limits(template: &Template, assumptions: &Assumptions) -> Vec<Limit> {
    let mut limits = of_callers(template, assumptions);
    limits.extend(of_tables(assumptions));
    limits.extend(of_readers(template, assumptions));
    limits.sort_by(|one, other| one.events.total_cmp(&other.events));
    limits
}

fn of_callers(template: &Template, assumptions: &Assumptions) -> Vec<Limit> {
    let events = assumptions.events_per_request;
    let post_s = assumptions.post_ms / 1e3;
    // Both readers of the stream have an execution for each shard.
    let readers = 2.0 * stream::keys() as f64;
    vec![
        Limit {
            name: "`RequestsPerSecond` of a route",
            events: template.requests_per_second * events,
            gives: "callers get 429",
            seen: "`Responses of 4xx and 5xx` on the dashboard, no alarm",
            change: "`RequestsPerSecond` and `RequestBurst`, or batches of up to 100 events",
        },
        Limit {
            name: "requests to all APIs of the account",
            events: limits::API_REQUESTS * events,
            gives: "callers get 429",
            seen: "`Responses of 4xx and 5xx`, no alarm",
            change: "the quota of API Gateway, or batches",
        },
        Limit {
            name: "requests to a function for each execution of the account's quota",
            events: limits::EXECUTIONS * limits::REQUESTS_PER_EXECUTION * events,
            gives: "callers get 503 of API Gateway",
            seen: "`ApiFunctionsThrottledAlarm`",
            change: "the quota of concurrent executions, or batches",
        },
        Limit {
            name: "executions of create-event at once",
            events: (limits::EXECUTIONS - readers) / post_s * events,
            gives: "callers get 503 of API Gateway",
            seen: "`ApiFunctionsThrottledAlarm`, `Executions at once`",
            change: "the quota of concurrent executions, and `CreateFunctionsReservedConcurrency`",
        },
    ]
}

fn of_tables(assumptions: &Assumptions) -> Vec<Limit> {
    let by_units = |units: f64, each: f64| units / each;
    let (table, index) = (assumptions.table_units(), assumptions.index_units());
    let receiver = Assumptions::hottest(assumptions.receivers);
    let group = assumptions.completed * Assumptions::hottest(assumptions.groups);
    vec![
        Limit {
            name: "the partition keys of a day's events",
            events: stream::capacity(assumptions, stream::keys()),
            gives: "POSTs wait, and callers get 503 `unavailable`",
            seen: "`TableThrottledAlarm`, `WriteKeyRangeThroughputThrottleEvents` of the table",
            change: "no setting: two characters in the key, in `shared/store/src/keys.rs`",
        },
        Limit {
            name: "the index key of the hottest name",
            events: by_units(limits::PARTITION_WRITE_UNITS, receiver * assumptions.records_per_event()),
            gives: "batches of index-events fail as a whole, so all searches and gates fall behind",
            seen: "`IndexingLagsAlarm`, `WriteKeyRangeThroughputThrottleEvents` of the index table",
            change: "no setting: more names and receivers for the step, or more keys for each in `shared/store/src/search_keys.rs`",
        },
        Limit {
            name: "the memberships of the hottest receiver",
            events: by_units(limits::PARTITION_READ_UNITS, receiver),
            gives: "index-events falls behind",
            seen: "`IndexingLagsAlarm`, `ReadKeyRangeThroughputThrottleEvents` of the table",
            change: "no setting: more receivers for the step",
        },
        Limit {
            name: "the item of the hottest group, which each of its completions checks",
            events: by_units(1e3 / assumptions.transaction_ms, group),
            gives: "transactions conflict, and index-events falls behind",
            seen: "`IndexingLagsAlarm`, the metric `TransactionConflict` of the table",
            change: "no setting: several items for the state of a group, in `shared/store/src/gates.rs`",
        },
        Limit {
            name: "a new index table",
            events: by_units(limits::NEW_TABLE_WRITE_UNITS, index),
            gives: "index-events waits until the table has grown",
            seen: "`TableThrottledAlarm`, `IndexingLagsAlarm`",
            change: "`WarmThroughput` of `IndexTable` in `template.yaml`, or half an hour for each doubling",
        },
        Limit {
            name: "a new table",
            events: by_units(limits::NEW_TABLE_WRITE_UNITS, table),
            gives: "POSTs wait, and some callers get 503",
            seen: "`TableThrottledAlarm`",
            change: "`WarmThroughput` of `Table` in `template.yaml`, or half an hour for each doubling",
        },
        Limit {
            name: "write units of the index table, by default",
            events: by_units(limits::TABLE_WRITE_UNITS, index),
            gives: "index-events falls behind",
            seen: "`TableThrottledAlarm`, `WriteAccountLimitThrottleEvents`",
            change: "the quota of a table's write units, and `TableMaxWriteRequestUnits` if it is set",
        },
        Limit {
            name: "write units of the table, by default",
            events: by_units(limits::TABLE_WRITE_UNITS, table),
            gives: "POSTs wait, and callers get 503",
            seen: "`TableThrottledAlarm`, `WriteAccountLimitThrottleEvents`",
            change: "the quota of a table's write units, and `TableMaxWriteRequestUnits` if it is set",
        },
    ]
}

fn of_readers(template: &Template, assumptions: &Assumptions) -> Vec<Limit> {
    let records = assumptions.records_per_event();
    let publish = Reader::publish(template, assumptions, template.kafka_partitions);
    let index = Reader::index(template, assumptions);
    // The shards of the highest load that the table takes.
    let shards = Stream::at(f64::INFINITY, stream::keys(), assumptions).shards as f64;
    let reads = |reader: &Reader| shards * reader.capacity(assumptions) / records;
    vec![
        Limit {
            name: "executions of publish-events, one for each shard",
            events: reads(&publish),
            gives: "events reach Kafka late",
            seen: "`PublishingLagsAlarm`",
            change: "`ParallelizationFactor` of `PublishEventsStream`, or `MemorySize` of `PublishEvents`",
        },
        Limit {
            name: "executions of index-events, one for each shard",
            events: reads(&index),
            gives: "searches and gates fall behind",
            seen: "`IndexingLagsAlarm`, `duration_ms` of `batch indexed`",
            change: "`MemorySize` of `IndexEvents`, or `ParallelizationFactor` of `IndexEventsStream`",
        },
        Limit {
            name: "partitions of a new topic, on MSK Serverless",
            events: publish.shared_rate.unwrap_or(f64::INFINITY) / records,
            gives: "events reach Kafka late",
            seen: "`PublishingLagsAlarm`, `Publishing to Kafka`",
            change: "`KafkaDefaultTopicPartitions` before the topic exists, or more partitions of the topic",
        },
        Limit {
            name: "the rate of a replay",
            events: template.replay_rate / records,
            gives: "records that a mapping gave up come back more slowly than they came",
            seen: "`UnpublishedAlarm`, `5 Replayed` on the dashboard",
            change: "`ReplayMaxEventsPerSecond`, and several replays of parts of the time",
        },
        Limit {
            name: "the memory of the hourly reconciliation",
            events: RECONCILED_RECORDS / RECONCILED_SECONDS / records,
            gives: "the run ends without a result",
            seen: "`ReconcileFailsAlarm`",
            change: "`MemorySize` of `ReconcileEvents`",
        },
    ]
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Options {
        #[command(flatten)]
        assumptions: Assumptions,
    }

    fn events(options: &[&str], name: &str) -> f64 {
        let options = Options::parse_from([&["scale"], options].concat());
        let all = limits(&Template::read().unwrap(), &options.assumptions);
        assert!(all.is_sorted_by(|one, next| one.events <= next.events));
        let found = all.iter().find(|limit| limit.name.contains(name));
        found.unwrap().events
    }

    const PLAIN: [&str; 4] = ["--failed", "0", "--completed", "0"];

    #[test]
    fn a_plain_event_costs_one_unit_of_its_key_so_32_keys_take_32_000() {
        let keys = "partition keys";
        assert_eq!(events(&PLAIN, keys), 32_000.0);
        assert_eq!(events(&[&PLAIN[..], &["--item-bytes", "1025"]].concat(), keys), 16_000.0);
        assert_eq!(events(&[&PLAIN[..], &["--keyed", "1"]].concat(), keys), 16_000.0);
    }

    #[test]
    fn one_receiver_alone_takes_a_thousand_events_in_the_index() {
        assert_eq!(events(&[&PLAIN[..], &["--receivers", "1"]].concat(), "hottest name"), 1_000.0);
    }

    #[test]
    fn batches_lower_the_requests_and_nothing_else() {
        assert_eq!(events(&["--events-per-request", "100"], "`RequestsPerSecond`"), 100_000.0);
        let keys = |options| events(options, "partition keys");
        assert_eq!(keys(&[]), keys(&["--events-per-request", "100"]));
    }
}
