//! The zip files that are deployed.

use std::fs;

use local::{Context, Error, Result};
use tokio::process::Command;

use crate::measure::{Bench, programs::Programs, report::Table};

/// The program's name in a zip file: that of the runtime `provided.al2023`.
const BOOTSTRAP: &str = "bootstrap";

/// The size of each function's zip file, made by Python's module `zipfile` at its default level.
pub(super) async fn sizes(bench: &Bench) -> Result<Table> {
    let mut table = Table::new("Zip files", ["size"]);
    for function in bench.programs.functions() {
        table.add(function, "MB", 0, zip_bytes(&bench.programs, function).await? as f64 / 1e6);
    }
    Ok(table)
}

/// The bytes of a function's zip file.
pub(in crate::measure) async fn zip_bytes(programs: &Programs, function: &str) -> Result<u64> {
    let dir = tempfile::tempdir().context("making a folder")?;
    fs::copy(programs.path(function), dir.path().join(BOOTSTRAP)).context(function)?;
    let mut python = Command::new("python3");
    python.args(["-m", "zipfile", "-c", "function.zip", BOOTSTRAP]).current_dir(dir.path());
    let status = python.status().await.context("running python3")?;
    if !status.success() {
        return Err(Error::new("python3 could not make a zip file"));
    }
    Ok(fs::metadata(dir.path().join("function.zip")).context("reading a zip file")?.len())
}
