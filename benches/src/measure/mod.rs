//! Drives the release builds of the functions and of the baselines as Lambda does, and measures them.
//!
//! - A process gets its invocations from a Lambda Runtime API of ours, in `runtime_api.rs`.
//! - Its table is a DynamoDB API with TLS whose responses are fixed, in `dynamodb/`.
//! - Its Kafka is the embedded one of `local`, or one that runs already.
//! - All subjects of a table take turns, so a slow minute of the machine slows all of them.
//!
//! CPU is the time of all threads of the process, in user and in kernel mode, as the kernel counts it.

mod bars;
mod certificates;
mod cgroup;
mod cpu;
mod dynamodb;
mod environment;
mod inputs;
mod plot;
mod programs;
pub mod regressions;
mod report;
mod rows;
mod runtime_api;
mod samples;
mod subject;
mod svg;

use std::time::Instant;

use clap::ValueEnum;
use local::{Context, Result, workspace};

use self::{dynamodb::CannedDynamodb, programs::Programs, report::Report, rows::measure_row};

/// The parts of the measurement that the command line selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Row {
    /// Starts and POSTs of create-event, beside a bare `PutItem` and a hello world.
    CreateEvent,
    /// POSTs with a payload of 250 KB.
    LargePost,
    /// Starts and reads of query-registry, beside a hello world.
    GetEvent,
    /// Warm requests of every kind to the functions of the API, beside a hello world.
    Functions,
    /// Starts and batches of publish-events, beside hello worlds.
    PublishEvents,
    /// Starts of publish-events with three brokers, with TLS and without it, and with one.
    Brokers,
    /// Messages that are made already, sent by shared/kafka and by librdkafka alone.
    Sending,
    /// Batches of publish-events of all sizes, formats and numbers of routes, beside a hello world.
    Batches,
    /// Replays to Kafka without a limit of their rate.
    Replays,
    /// Starts and POSTs of create-event with the CPU of small functions, beside a hello world. Needs a writable cgroup.
    Quotas,
    /// Batches of index-events with and without completions, beside a hello world.
    Gates,
    /// The whole system at 1, 50 and 500 events a second: from the POST of an event to its message.
    EndToEnd,
    /// The whole system: from the POST of an event that completes a gate to the message of the completion.
    Completions,
    /// Time and memory with ten and a hundred times as much: payload, schema, batch, group, search. Draws two pictures.
    Growth,
    /// The instructions of create-event and publish-events, counted by callgrind.
    Instructions,
    /// The zip files of all functions.
    Sizes,
}

impl Row {
    /// Whether it needs all functions, and not only those that most rows run.
    fn needs_all_functions(self) -> bool {
        matches!(self, Self::Sizes | Self::EndToEnd | Self::Completions)
    }
}

/// The tools that all rows use.
struct Bench {
    programs: Programs,
    dynamodb: CannedDynamodb,
    /// The brokers of a cluster that runs already. Without it, the rows start the embedded Kafka.
    brokers: Option<String>,
}

/// Measures these rows, or all of them. Prints a table for each, and writes all of them as JSON into the target folder.
/// The rows of publish-events use the Kafka with these bootstrap brokers, or the embedded one.
pub async fn run(rows: &[Row], brokers: Option<String>) -> Result<()> {
    let rows = if rows.is_empty() { Row::value_variants() } else { rows };
    let programs = Programs::build(rows.iter().any(|row| row.needs_all_functions())).await?;
    let bench = Bench { programs, dynamodb: CannedDynamodb::start().await?, brokers };
    let mut report = Report::default();
    for row in rows {
        let started = Instant::now();
        let Some(figures) = measure_row(*row, &bench).await? else { continue };
        println!("{figures}");
        println!("measured in {} s", started.elapsed().as_secs());
        report.add(&figures);
    }
    let path = workspace::target().join("benches/measure.json");
    report.write(&path).context(path.display())?;
    println!("{}", path.display());
    Ok(())
}
