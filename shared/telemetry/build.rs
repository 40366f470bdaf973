//! Gives the crate the hash of the commit that it is built from.
//!
//! Only a release build contains the hash. After each commit a build with the hash compiles this crate, the crates
//! that use it and every function again. Nobody waits for that between a commit and `cargo run -p local`.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// Sets the commit where the sources come without git, such as in an archive. It also wins over git.
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

/// The file `HEAD`, the branch that it names, and its log, which also changes where git keeps the branch in
/// `packed-refs`. In a linked work tree they are in different folders, which git knows. Cargo would build again each
/// time if one of them did not exist.
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
