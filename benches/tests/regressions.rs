//! The costs of the functions beside the recorded ones.

use std::process::Command;

/// It builds the release builds, and needs valgrind. The step `regressions` of `.ci/run` runs it.
#[test]
#[ignore = "it builds four functions for release, and counts them in valgrind"]
fn no_cost_has_grown() {
    let status = Command::new(env!("CARGO_BIN_EXE_regressions")).status().unwrap();
    assert!(status.success());
}
