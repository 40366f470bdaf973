//! The folders and programs of a checkout.

use std::{env, path::PathBuf};

/// The workspace's root.
pub fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

/// Cargo's target folder.
pub fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |target| root().join(target))
}

/// The cargo that runs this program, or the one on the path.
pub fn cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from)
}

/// The folder of development builds.
pub(crate) fn development_programs() -> PathBuf {
    target().join("debug")
}

/// A program of the workspace from a development build.
pub fn program(name: &str) -> PathBuf {
    development_programs().join(name)
}
