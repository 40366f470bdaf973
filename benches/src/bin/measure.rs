//! `cargo run --release -p benches --bin measure`: the functions and their baselines, measured side by side.

use std::process::ExitCode;

use benches::measure::{self, Row};
use clap::Parser;

/// Measures the release builds of the functions. Prints tables and writes target/benches/measure.json.
#[derive(Parser)]
struct Arguments {
    /// The rows to measure. All of them without this.
    rows: Vec<Row>,
    /// The bootstrap brokers of a Kafka that runs already, without TLS. It must have the topic xzepr.events. The rows
    /// publish-events, sending, batches and growth then use it. Without this they start an embedded Kafka.
    #[arg(long, value_name = "HOST:PORT")]
    kafka_brokers: Option<String>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let Arguments { rows, kafka_brokers } = Arguments::parse();
    match measure::run(&rows, kafka_brokers).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("measure: {error}");
            ExitCode::FAILURE
        }
    }
}
