//! The tables about the stream at each load.

use super::LOADS;
use crate::scale::{
    assumptions::Assumptions,
    limits,
    markdown::table,
    number::{ceil, grouped, rate, time},
    simulation::SECOND,
    stream::{Reader, Stream, keys},
    template::{Mapping, Template},
};

/// Partition keys of a day with one more character of the ULID in the key.
const WIDE: u64 = 1_024;

/// The partition keys of each load that is shown. The highest load is also shown with more keys.
fn loads() -> impl Iterator<Item = (f64, u64)> {
    LOADS.into_iter().map(|load| (load, keys())).chain(LOADS.last().map(|load| (*load, WIDE)))
}

fn named(load: f64, with: u64) -> String {
    let load = grouped(ceil(load));
    if with == keys() { load } else { format!("{load}, with {} keys a day", grouped(with)) }
}

/// The partitions that carry these messages in a second.
fn partitions(messages: f64, assumptions: &Assumptions) -> f64 {
    (messages * assumptions.message_bytes / limits::KAFKA_PARTITION_BYTES).ceil().max(1.0)
}

/// Partitions that are enough for a backlog too. At least those of the template.
fn enough(stream: &Stream, template: &Template, assumptions: &Assumptions) -> f64 {
    let reader = Reader::publish(template, assumptions, f64::INFINITY);
    let most = reader.capacity(assumptions) * stream.shards as f64;
    partitions(most, assumptions).max(template.kafka_partitions)
}

pub(super) fn needs(template: &Template, assumptions: &Assumptions) -> String {
    let headings = [
        "Events/s",
        "accepted/s",
        "shards",
        "records/s in each",
        "publish-events at once",
        "index-events at once",
        "create-event at once",
        "topic's partitions",
        "for a backlog too",
        "connections to a broker",
        "s to connect",
        "markers of the day/s",
    ];
    let rows = loads().map(|(load, keys)| {
        let stream = Stream::at(load, keys, assumptions);
        let enough = enough(&stream, template, assumptions);
        let publish = Reader::publish(template, assumptions, enough).simulate(&stream, assumptions, false);
        let index = Reader::index(template, assumptions).simulate(&stream, assumptions, false);
        let posts = stream.accepted / assumptions.events_per_request * assumptions.post_ms / 1e3;
        let markers = index.invocations as f64 / (index.ended as f64 / SECOND as f64);
        // Each execution environment has one connection to each broker, and each shard has one environment at most.
        let connections = stream.shards * template.publish.parallelization_factor;
        vec![
            named(load, keys),
            rate(stream.accepted),
            grouped(stream.shards),
            rate(stream.records),
            rate(publish.mean_executions()),
            rate(index.mean_executions()),
            rate(posts),
            grouped(ceil(partitions(stream.all_records(), assumptions))),
            grouped(ceil(enough)),
            format!("{} of {}", grouped(connections), grouped(ceil(limits::BROKER_CONNECTIONS))),
            rate(connections as f64 / limits::BROKER_CONNECTION_RATE),
            rate(markers),
        ]
    });
    table(&headings, rows)
}

const LAGS: [&str; 11] = [
    "Accepted events/s",
    "Function",
    "capacity of a shard/s",
    "executions of each",
    "mean lag",
    "99 % below",
    "lag 2 min after the outage",
    "15 min",
    "1 h",
    "3 h",
    "caught up after",
];

/// Minutes after an outage.
const MINUTES: [u64; 4] = [2, 15, 60, 180];

fn lag(function: &str, reader: &Reader, stream: &Stream, assumptions: &Assumptions) -> Vec<String> {
    let usual = reader.simulate(stream, assumptions, false);
    let outage = reader.simulate(stream, assumptions, true);
    let mut row = vec![
        rate(stream.accepted),
        function.to_owned(),
        rate(reader.capacity(assumptions)),
        format!("{:.2}", usual.mean_executions() / stream.shards as f64),
        time(ceil(usual.mean_lag())),
        time(usual.lag_of(0.99)),
    ];
    let later = MINUTES.map(|minutes| Reader::lag_after(&outage, minutes));
    row.extend(later.map(|lag| lag.map_or_else(|| "usual".to_owned(), time)));
    row.push(Reader::caught_up_after(&outage).map_or_else(|| "not in a day".to_owned(), time));
    row
}

/// Each load that the table accepts. The highest one is less than that of the callers.
pub(super) fn lags(template: &Template, assumptions: &Assumptions) -> String {
    let rows = LOADS[..3].iter().flat_map(|load| {
        let stream = Stream::at(*load, keys(), assumptions);
        let publish = Reader::publish(template, assumptions, enough(&stream, template, assumptions));
        let index = Reader::index(template, assumptions);
        [("publish-events", publish), ("index-events", index)]
            .map(|(name, reader)| lag(name, &reader, &stream, assumptions))
    });
    table(&LAGS, rows)
}

/// The highest load that the table accepts, with other settings.
pub(super) fn remedies(template: &Template, assumptions: &Assumptions) -> String {
    let stream = Stream::at(LOADS[2], keys(), assumptions);
    let index = |memory: f64, factor: u64| {
        let mapping = Mapping { parallelization_factor: factor, ..template.index };
        Reader::index(&Template { index: mapping, index_memory: memory, ..template.clone() }, assumptions)
    };
    let publish = |partitions| Reader::publish(template, assumptions, partitions);
    let rows = [
        ("publish-events, 6 partitions", publish(6.0)),
        ("publish-events, 12 partitions", publish(12.0)),
        ("index-events, `MemorySize: 1024`", index(1_024.0, 1)),
        ("index-events, `MemorySize: 1769`", index(1_769.0, 1)),
        ("index-events, `ParallelizationFactor: 4`", index(template.index_memory, 4)),
    ];
    table(&LAGS, rows.map(|(name, reader)| lag(name, &reader, &stream, assumptions)))
}
