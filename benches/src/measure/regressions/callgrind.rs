//! A process in callgrind, whose instructions are counted step by step.
//!
//! Callgrind writes its counters when it is told to, and begins at zero again. So a process has all counts, and the steps
//! before a step do not disturb its count. The instructions of the main thread count alone: it does the work of a
//! function. The other threads look up hosts and belong to librdkafka, whose work depends on the times of its packets.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use axum::body::Bytes;
use local::{Context, Error, Result};
use tempfile::TempDir;
use tokio::{
    process::Command,
    time::{Instant, sleep},
};

use crate::measure::{environment::Environment, rows, subject::Subject};

/// A process waits for an invocation when its main thread slept at the begin and at the end of this time.
const ASLEEP_FOR: Duration = Duration::from_millis(20);

/// It must do so within this time.
const ASLEEP_WITHIN: Duration = Duration::from_secs(30);

/// The clock of time limits is slower by this factor in callgrind, about as the process is.
const CLOCK_DIVISOR: &str = "20";

const READING: &str = "reading the counts of callgrind";

/// A process of a function that waits for an invocation.
pub(super) struct Counted {
    environment: Environment,
    dir: TempDir,
    counts: u32,
}

impl Counted {
    /// Starts a subject with this library preloaded. Returns the instructions until it waits for its first invocation.
    pub(super) async fn start(subject: &Subject, preloaded: &Path, clock: Clock) -> Result<(Self, u64)> {
        let dir = tempfile::tempdir().context("making a folder")?;
        let path = |option: &str, file: &str| {
            let mut argument = OsString::from(option);
            argument.push(dir.path().join(file));
            argument
        };
        let arguments = vec![
            "--tool=callgrind".into(),
            "--separate-threads=yes".into(),
            path("--callgrind-out-file=", "counts"),
            path("--vgdb-prefix=", "vgdb"),
        ];
        let mut subject =
            subject.under("valgrind", arguments).with("LD_PRELOAD", preloaded.display().to_string());
        if clock == Clock::Slow {
            subject = subject.with("STEADY_CLOCK_DIVISOR", CLOCK_DIVISOR);
        }
        let (environment, _) = subject.start(&dir).await?;
        let mut counted = Self { environment, dir, counts: 0 };
        let count = counted.count().await?;
        Ok((counted, count))
    }

    /// The instructions of an invocation.
    pub(super) async fn invoke(&mut self, event: &Bytes) -> Result<u64> {
        let (response, _) = self.environment.invoke(event).await?;
        rows::check(&response)?;
        self.count().await
    }

    /// Ends the process.
    pub(super) async fn stop(self) -> Result<()> {
        self.environment.stop().await
    }

    /// The instructions of the main thread since the last call of this.
    async fn count(&mut self) -> Result<u64> {
        let pid = self.environment.pid().ok_or_else(|| Error::new("the process has ended"))?;
        wait_until_asleep(pid).await?;
        let mut prefix = OsString::from("--vgdb-prefix=");
        prefix.push(self.dir.path().join("vgdb"));
        let mut vgdb = Command::new("vgdb");
        vgdb.arg(prefix).args(["--max-invoke-ms=5", &format!("--pid={pid}"), "dump"]);
        let output = vgdb.output().await.context("running vgdb")?;
        if !output.status.success() {
            return Err(Error::new(format!("vgdb failed: {}", String::from_utf8_lossy(&output.stderr))));
        }
        self.counts += 1;
        let file = self.dir.path().join(format!("counts.{}-01", self.counts));
        let text = fs::read_to_string(file).context(READING)?;
        let total = text.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
        total.ok_or_else(|| Error::new("callgrind has counted nothing"))
    }
}

/// The clock of a process for its time limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Clock {
    /// It is right, as librdkafka needs it to wait for the time of day.
    Real,
    /// It is slow, so that connections to the table are made within their time limits.
    Slow,
}

/// Compiles the library that is preloaded, and returns its path.
pub(super) async fn compile_preloaded(dir: &Path) -> Result<PathBuf> {
    let (source, library) = (dir.join("steady.c"), dir.join("steady.so"));
    fs::write(&source, include_str!("steady.c")).context("writing a C file")?;
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-O2", "-o"]).arg(&library).arg(&source);
    let status = compiler.status().await.context("running cc")?;
    if status.success() { Ok(library) } else { Err(Error::new("cc could not compile steady.c")) }
}

async fn wait_until_asleep(pid: u32) -> Result<()> {
    let until = Instant::now() + ASLEEP_WITHIN;
    while Instant::now() < until {
        let slept = is_asleep(pid);
        sleep(ASLEEP_FOR).await;
        if slept && is_asleep(pid) {
            return Ok(());
        }
    }
    Err(Error::new("a function does not wait for its invocation"))
}

/// Whether the main thread sleeps.
///
/// <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html>
fn is_asleep(pid: u32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('S'))
}
