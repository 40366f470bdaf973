//! `cargo run --release -p benches --bin measure`: the functions and their baselines, measured side by side.

use std::process::ExitCode;

use benches::measure::{self, Row};
use clap::Parser;

/// Measures the release builds of the functions. Prints tables and writes target/benches/measure.json.
#[derive(Parser)]
struct Arguments {
    /// The rows to measure. All of them without this.
    rows: Vec<Row>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { rows } = Arguments::parse();
    match measure::run(&rows).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("measure: {error}");
            ExitCode::FAILURE
        }
    }
}
