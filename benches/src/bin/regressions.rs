//! `cargo run -p benches --bin regressions`: fails if a function costs more than `benches/baseline.json` allows.

use std::process::ExitCode;

use benches::measure::regressions;
use clap::Parser;

/// Counts the instructions of the functions' release builds and the bytes of their zip files. Fails if one has grown by more
/// than 2 % since it was recorded.
#[derive(Parser)]
struct Arguments {
    /// Record the costs of now.
    #[arg(long)]
    update: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match regressions::run(Arguments::parse().update).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("regressions: {error}");
            ExitCode::FAILURE
        }
    }
}
