//! Gives the crate the hash of the commit that it is built from.
//!
//! Only a release build contains the hash. In a debug build each commit would make `cargo run -p local` compile this
//! crate, the crates that use it and every function again.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// Sets the commit of sources without git, such as those of an archive. It has priority over git.
const VARIABLE: &str = "XZEPR_COMMIT";

const UNKNOWN: &str = "unknown";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed={VARIABLE}");
    let given = env::var(VARIABLE).ok().filter(|commit| !commit.is_empty());
    let commit = given.or_else(commit).unwrap_or_else(|| UNKNOWN.to_owned());
    println!("cargo::rustc-env={VARIABLE}={commit}");
}

/// The commit of the work tree, for a release build.
fn commit() -> Option<String> {
    if env::var("PROFILE").ok()? != "release" {
        return None;
    }
    // An archive may be unpacked inside of another repository, which does not track this file.
    git(&["ls-files", "--error-unmatch", "build.rs"])?;
    for file in files_that_change_with_the_commit() {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    git(&["rev-parse", "--short", "HEAD"])
}

/// The file `HEAD`, its log, and the file of the branch that `HEAD` names. The log changes even if git keeps the branch
/// in `packed-refs`. In a linked work tree the files are in different folders, so git is asked for them. A file that
/// does not exist is left out, because cargo would then build again each time.
fn files_that_change_with_the_commit() -> Vec<PathBuf> {
    let mut names = vec!["HEAD".to_owned(), "logs/HEAD".to_owned()];
    names.extend(git(&["symbolic-ref", "--quiet", "HEAD"]));
    let paths = names.iter().filter_map(|name| git(&["rev-parse", "--git-path", name]));
    paths.map(PathBuf::from).filter(|path| Path::exists(path)).collect()
}

/// The output of a git command that runs in this folder, where cargo runs a build script.
fn git(arguments: &[&str]) -> Option<String> {
    let output =
        Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}
