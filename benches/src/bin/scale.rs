//! Prints where a load meets the first limit, and how long a backlog lasts. `docs/scale.md` explains the tables.

use std::process::ExitCode;

use benches::scale::{
    assumptions::Assumptions,
    report::{spread, tables},
    template::Template,
};
use clap::Parser;

/// Reckons and simulates the system at 1, 1,000, 30,000 and 300,000 events a second.
#[derive(Parser)]
struct Options {
    #[command(flatten)]
    assumptions: Assumptions,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let template = match Template::read() {
        Ok(template) => template,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    for (heading, table) in tables(&template, &options.assumptions) {
        println!("## {heading}\n\n{table}");
    }
    println!("## Real ids\n\n{}", spread());
    ExitCode::SUCCESS
}
