//! Where things lie in a checkout.

use std::{env, path::PathBuf};

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

/// Cargo's target folder.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |target| root().join(target))
}

/// The cargo that runs this program, else the one on the path.
pub(crate) fn cargo() -> PathBuf {
    env::var_os("CARGO").map_or_else(|| "cargo".into(), PathBuf::from)
}

/// A program of the workspace, as cargo builds it for development.
pub fn program(name: &str) -> PathBuf {
    target().join("debug").join(name)
}
