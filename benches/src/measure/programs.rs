//! The release builds.

use std::{
    fs,
    path::{Path, PathBuf},
};

use local::{Context, Error, Result, workspace};
use tokio::process::Command;

/// The functions that most rows run. The whole system and the sizes need all.
const MEASURED: [&str; 9] = [
    "create-event",
    "create-event-receiver",
    "create-event-receiver-group",
    "describe-api",
    "index-events",
    "modify-event-receiver-group",
    "publish-events",
    "query-registry",
    "replay-events",
];

/// The functions that they are compared with.
const BASELINES: [&str; 3] = ["hello-world", "bare-put-item", "prepared-messages"];

/// The release builds of functions and baselines.
pub(super) struct Programs {
    functions: Vec<String>,
}

impl Programs {
    /// Builds the functions that are measured, or all of them, and the baselines. They have the features with which
    /// `sam build` builds them: those of all functions together. The baselines add none.
    pub(super) async fn build(all: bool) -> Result<Self> {
        let functions = names(&workspace::root().join("functions"))?;
        let measured = functions.iter().map(String::as_str).filter(|name| all || MEASURED.contains(name));
        compile(&functions, measured.chain(BASELINES)).await?;
        Ok(Self { functions })
    }

    /// Builds these functions alone, as [`Self::build`] does.
    pub(super) async fn build_only(programs: &[&str]) -> Result<Self> {
        let functions = names(&workspace::root().join("functions"))?;
        compile(&functions, programs.iter().copied()).await?;
        Ok(Self { functions })
    }

    /// The names of all functions.
    pub(super) fn functions(&self) -> &[String] {
        &self.functions
    }

    /// The release build of a function or of a baseline.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.dir().join(name)
    }

    /// The folder of the release builds.
    pub(super) fn dir(&self) -> PathBuf {
        workspace::target().join("release")
    }
}

async fn compile<'a>(functions: &[String], programs: impl Iterator<Item = &'a str>) -> Result<()> {
    let packages = functions.iter().map(String::as_str).chain(BASELINES);
    let mut cargo = Command::new(workspace::cargo());
    cargo.args(["build", "--release", "--locked"]).current_dir(workspace::root());
    cargo.args(packages.flat_map(|package| ["-p", package]));
    cargo.args(programs.flat_map(|program| ["--bin", program]));
    let status = cargo.status().await.context("running cargo build")?;
    if status.success() { Ok(()) } else { Err(Error::new("cargo could not build the functions")) }
}

fn names(functions: &Path) -> Result<Vec<String>> {
    let entries = fs::read_dir(functions).context("reading the folder of functions")?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let mut names = names.collect::<std::io::Result<Vec<_>>>().context("reading the folder of functions")?;
    names.sort();
    Ok(names)
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, process::Command};

    use super::*;

    /// The packages in the build of these, each with its version and features.
    fn units<'a>(packages: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
        let mut cargo = Command::new(workspace::cargo());
        cargo.args([
            "tree",
            "--locked",
            "--offline",
            "--edges",
            "normal,build",
            "--prefix",
            "none",
            "--no-dedupe",
        ]);
        cargo.args(["--format", "{p} {f}"]).current_dir(workspace::root());
        let output = cargo.args(packages.flat_map(|package| ["-p", package])).output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    /// So one build has the same functions as `sam build`.
    #[test]
    fn the_baselines_add_no_feature_to_a_dependency_of_the_functions() {
        let functions = names(&workspace::root().join("functions")).unwrap();
        let functions = || functions.iter().map(String::as_str);
        let alone = units(functions());
        let package = |unit: &str| unit.splitn(3, ' ').take(2).map(str::to_owned).collect::<Vec<_>>();
        let packages: BTreeSet<_> = alone.iter().map(|unit| package(unit)).collect();
        let both = units(functions().chain(BASELINES));
        let changed: Vec<_> =
            both.difference(&alone).filter(|unit| packages.contains(&package(unit))).collect();
        assert!(changed.is_empty(), "the baselines add features: {changed:#?}");
    }
}
