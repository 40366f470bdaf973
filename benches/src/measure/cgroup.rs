//! A limit on the CPU of processes: a control group of Linux with a quota.
//!
//! <https://docs.kernel.org/scheduler/sched-bwc.html>

use std::{
    fs,
    path::{Path, PathBuf},
};

use local::{Context, Error, Result};

use super::subject::Subject;

/// The period in which a group may use its quota. The kernel takes quotas of 1 ms and more, and a function of 128 MB has
/// 1.4 ms of these.
const PERIOD_US: f64 = 20_000.0;

/// The mount point of the controller `cpu` of version 1, and that of version 2.
const V1: &str = "/sys/fs/cgroup/cpu";
const V2: &str = "/sys/fs/cgroup";

/// Moves itself into the group, waits for a line, and becomes the program: `sh -c SCRIPT <the group's list of processes>
/// <program>`. The kernel takes some 15 ms for the move, which are no part of a start.
const SCRIPT: &str = r#"echo $$ > "$0" && read -r _ && exec "$@""#;

/// A group. It is removed when this is dropped.
pub(super) struct CpuQuota {
    dir: PathBuf,
    version: Version,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    One,
    Two,
}

impl CpuQuota {
    /// Makes a group of version 1 or 2, with the first of them that can be written.
    pub(super) fn make() -> Result<Self> {
        let one = Self::make_in(Path::new(V1), Version::One);
        one.or_else(|first| {
            Self::make_in(Path::new(V2), Version::Two).map_err(|second| {
                Error::new(format!(
                    "no control group for CPU quotas can be made, which needs root: {first}; {second}"
                ))
            })
        })
    }

    fn make_in(root: &Path, version: Version) -> Result<Self> {
        let dir = root.join(format!("xzepr-benches-{}", std::process::id()));
        fs::create_dir(&dir).context(dir.display())?;
        let group = Self { dir, version };
        // The folder of version 2 has no such file without the controller.
        group.set(1.0)?;
        Ok(group)
    }

    /// Limits the processes of the group to this share of one CPU.
    pub(super) fn set(&self, share: f64) -> Result<()> {
        let write = |file: &str, text: String| {
            let path = self.dir.join(file);
            // A file that does not exist must not be made: that of another version.
            fs::OpenOptions::new()
                .write(true)
                .open(&path)
                .and_then(|mut file| std::io::Write::write_all(&mut file, text.as_bytes()))
                .context(path.display())
        };
        let quota = quota_us(share);
        match self.version {
            Version::One => {
                write("cpu.cfs_period_us", PERIOD_US.to_string())?;
                write("cpu.cfs_quota_us", quota.to_string())
            }
            Version::Two => write("cpu.max", format!("{quota} {PERIOD_US}")),
        }
    }

    /// A subject whose processes are in the group. A shell moves each of them there.
    pub(super) fn limited(&self, subject: &Subject) -> Subject {
        let processes = self.dir.join("cgroup.procs");
        let arguments = vec!["-c".into(), SCRIPT.into(), processes.clone().into()];
        subject.under("/bin/sh", arguments).in_group(processes)
    }
}

impl Drop for CpuQuota {
    fn drop(&mut self) {
        // A group with processes cannot be removed. The harness ends them before.
        if let Err(error) = fs::remove_dir(&self.dir) {
            eprintln!("{}: {error}", self.dir.display());
        }
    }
}

/// The quota of a share in whole microseconds.
fn quota_us(share: f64) -> f64 {
    (share * PERIOD_US).round()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_function_has_a_quota_that_the_kernel_takes() {
        assert!(quota_us(128.0 / 1769.0) >= 1000.0);
        assert_eq!(quota_us(1.0).to_string(), "20000");
    }

    #[test]
    fn a_folder_that_is_no_control_group_gets_no_quota() {
        let dir = tempfile::tempdir().unwrap();
        assert!(CpuQuota::make_in(dir.path(), Version::One).is_err());
        assert!(CpuQuota::make_in(dir.path(), Version::Two).is_err());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }
}
