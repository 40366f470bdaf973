//! Drives the release builds of the functions and of the baselines as Lambda does, and measures them.
//!
//! - A process gets its invocations from a Lambda Runtime API of ours, in `runtime_api.rs`.
//! - Its table is a DynamoDB API with TLS whose responses are fixed, in `dynamodb/`.
//! - Its Kafka is the embedded one of `local`.
//! - All subjects of a table take turns, so a slow minute of the machine slows all of them.
//!
//! CPU is the time of all threads of the process, in user and in kernel mode, as the kernel counts it.

mod cpu;
mod dynamodb;
mod environment;
mod inputs;
mod programs;
pub mod regressions;
mod report;
mod rows;
mod runtime_api;
mod samples;
mod subject;

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
    /// Starts and batches of publish-events, beside hello worlds.
    PublishEvents,
    /// The instructions of create-event and publish-events, counted by callgrind.
    Instructions,
    /// The zip files of all functions.
    Sizes,
}

/// The tools that all rows use.
struct Bench {
    programs: Programs,
    dynamodb: CannedDynamodb,
}

/// Measures these rows, or all of them. Prints a table for each, and writes all of them as JSON into the target folder.
pub async fn run(rows: &[Row]) -> Result<()> {
    let rows = if rows.is_empty() { Row::value_variants() } else { rows };
    let programs = Programs::build(rows.contains(&Row::Sizes)).await?;
    let bench = Bench { programs, dynamodb: CannedDynamodb::start().await? };
    let mut report = Report::default();
    for row in rows {
        let table = measure_row(*row, &bench).await?;
        println!("{table}");
        report.add(&table);
    }
    let path = workspace::target().join("benches/measure.json");
    report.write(&path).context(path.display())?;
    println!("{}", path.display());
    Ok(())
}
