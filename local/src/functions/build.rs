//! Builds the functions' binaries with cargo.

use std::path::{Path, PathBuf};

use tokio::{process::Command, sync::OnceCell};

use crate::{
    error::{Context, Error, Result},
    process,
    template::Template,
    workspace,
};

/// The folder with the functions' binaries: the one of the caller, who has built them, or that of development builds, which
/// are made once in the life of this process. Cargo shows its progress on stderr.
pub(crate) async fn programs(template: &Template, built: Option<&Path>) -> Result<PathBuf> {
    static BUILT: OnceCell<()> = OnceCell::const_new();
    if let Some(dir) = built {
        return Ok(dir.to_owned());
    }
    BUILT.get_or_try_init(|| cargo_build(template)).await?;
    Ok(workspace::development_programs())
}

async fn cargo_build(template: &Template) -> Result<()> {
    let mut cargo = Command::new(workspace::cargo());
    cargo.args(["build", "--locked"]).args(packages(template)).current_dir(workspace::root());
    if cfg!(feature = "gssapi") {
        cargo.args(["--features", "local/gssapi"]);
    }
    let mut cargo = process::spawn(&mut cargo).context("running cargo build")?;
    let status = cargo.wait().await.context("running cargo build")?;
    if status.success() { Ok(()) } else { Err(Error::new("cargo could not build the functions")) }
}

/// The packages to build. With `local` among them the dependencies have the features that `cargo run -p local` has
/// built, so cargo compiles none of them again.
fn packages(template: &Template) -> impl Iterator<Item = &str> {
    let functions = template.functions.iter().map(|function| function.name.as_str());
    functions.chain([env!("CARGO_PKG_NAME")]).flat_map(|package| ["-p", package])
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, process::Stdio};

    use super::*;

    /// The packages in the build of `arguments`, each with its version and features.
    async fn units<'a>(arguments: impl Iterator<Item = &'a str>) -> BTreeSet<String> {
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
        cargo
            .args(["--format", "{p} {f}"])
            .args(arguments)
            .current_dir(workspace::root())
            .stdout(Stdio::piped());
        let output = process::spawn(&mut cargo).unwrap().wait_with_output().await.unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
    }

    /// `local` names dependencies of the functions in its Cargo.toml for this.
    #[tokio::test]
    async fn the_functions_need_no_dependency_that_local_has_not_compiled() {
        let template = Template::load().unwrap();
        let local = units(["-p", env!("CARGO_PKG_NAME")].into_iter()).await;
        let both = units(packages(&template)).await;
        // The project's own crates compile in seconds.
        let is_own = |unit: &str| unit.contains(&format!("({}/", workspace::root().display()));
        let new: Vec<_> = both.difference(&local).filter(|unit| !unit.is_empty() && !is_own(unit)).collect();
        assert!(new.is_empty(), "cargo would compile these with other features than `local` has: {new:#?}");
    }
}
