//! `cargo run -p benches --bin cost`: the cost of the registry under a load.

use std::process::ExitCode;

use benches::cost::{Options, report};
use clap::Parser;

fn main() -> ExitCode {
    let options = Options::parse();
    let prices = match options.prices() {
        Ok(prices) => prices,
        Err(error) => {
            eprintln!("cost: {error}");
            return ExitCode::FAILURE;
        }
    };
    print!("{}", report(&options.loads(), &options.functions(), &options.rival(), &prices));
    ExitCode::SUCCESS
}
