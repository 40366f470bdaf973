//! Refuses a change that makes the functions dearer: `benches/baseline.json` has the instructions of fixed inputs and the
//! sizes of the zip files, and each may grow by 2 %.

mod baseline;
mod callgrind;
mod counting;
mod inputs;
mod machine;

use std::collections::BTreeMap;

use local::{Error, Result};

use self::{baseline::Costs, machine::Machine};
use super::{Bench, dynamodb::CannedDynamodb, programs::Programs, rows};

/// The command that records the costs.
const UPDATE: &str = "cargo run -p benches --bin regressions -- --update";

/// Builds and counts the functions. Compares the costs with the record and prints both. With `update` it writes the record
/// instead. Fails if a cost has grown by more than its limit, or is not recorded.
pub async fn run(update: bool) -> Result<()> {
    let programs = Programs::build_only(&counting::FUNCTIONS).await?;
    let bench = Bench { programs, brokers: None, dynamodb: CannedDynamodb::start().await? };
    let mut zip_bytes = BTreeMap::new();
    for function in counting::FUNCTIONS {
        zip_bytes.insert(function.to_owned(), rows::zip_bytes(&bench.programs, function).await?);
    }
    let machine = Machine::this().await?;
    let costs = Costs { machine, instructions: counting::count(&bench).await?, zip_bytes };
    if update {
        if let Ok(recorded) = Costs::read() {
            println!("{}", costs.compare(&recorded));
        }
        costs.write()?;
        println!("Recorded in {}.", baseline::path().display());
        return Ok(());
    }
    let recorded = Costs::read()?;
    let comparison = costs.compare(&recorded);
    println!("{comparison}");
    if !comparison.is_same_machine() {
        println!(
            "Other versions or another kind of processor made the record, so the limit is 10 %: {:?}.",
            recorded.machine
        );
        println!("This machine: {:?}.", costs.machine);
    }
    if comparison.has_fallen() {
        println!("A cost fell by more than the limit. Keep the gain: run `{UPDATE}`, and commit the record.");
    }
    let faults = comparison.faults();
    if faults.is_empty() {
        return Ok(());
    }
    let mut text = faults.join("\n");
    if !comparison.is_same_machine() {
        text +=
            "\nThe machines differ, as said above. If the code does not explain it, record the costs anew.";
    }
    Err(Error::new(format!(
        "{text}\nIf it must cost more, run `{UPDATE}` and commit the record with the change."
    )))
}
