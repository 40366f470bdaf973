//! The properties of a machine that the instructions depend on.

use std::{fs, path::Path};

use local::{Context, Error, Result, workspace};
use serde::{Deserialize, Serialize};
use tokio::process::Command;

/// The features of processors that callgrind's own processor has if the machine has them. The C library, aws-lc and
/// `memchr` choose their code by them.
const FEATURES: [&str; 5] = ["avx2", "bmi2", "fma", "erms", "rdrand"];

/// The versions and the processor.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Machine {
    rustc: String,
    valgrind: String,
    c_library: String,
    processor_features: Vec<String>,
}

impl Machine {
    /// This machine.
    pub(super) async fn this() -> Result<Self> {
        Ok(Self {
            rustc: first_line("rustc", "--version").await?,
            valgrind: first_line("valgrind", "--version").await?,
            c_library: first_line("getconf", "GNU_LIBC_VERSION").await?,
            processor_features: features(
                &fs::read_to_string("/proc/cpuinfo").context("reading the processor")?,
            ),
        })
    }
}

#[cfg(test)]
impl Machine {
    pub(super) fn of_rustc(version: &str) -> Self {
        Self { rustc: version.to_owned(), ..Self::default() }
    }
}

async fn first_line(program: &str, argument: &str) -> Result<String> {
    let mut command = Command::new(Path::new(program));
    let output = command.arg(argument).current_dir(workspace::root()).output().await;
    let output = output.context(format!("running {program}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next().ok_or_else(|| Error::new(format!("{program} prints nothing")))?;
    Ok(line.trim().to_owned())
}

fn features(processor: &str) -> Vec<String> {
    let flags = processor.lines().find(|line| line.starts_with("flags")).unwrap_or_default();
    let has = |feature: &&str| flags.split_whitespace().any(|flag| flag == *feature);
    FEATURES.into_iter().filter(has).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_features_are_those_that_choose_code() {
        assert_eq!(features("processor\t: 0\nflags\t\t: fpu avx avx2 erms\n"), ["avx2", "erms"]);
    }
}
