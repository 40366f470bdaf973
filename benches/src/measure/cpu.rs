//! The CPU time of a process.

use std::time::Duration;

use local::{Context, Result};
#[cfg(target_os = "linux")]
use nix::time::clock_getcpuclockid;
use nix::{time::ClockId, unistd::Pid};

/// The clock of a process: the time of all its threads, also of those that have ended, in user and in kernel mode.
/// Linux counts it in nanoseconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct CpuClock(ClockId);

impl CpuClock {
    /// The clock of the process with this id.
    #[cfg(target_os = "linux")]
    pub(super) fn of(pid: u32) -> Result<Self> {
        let pid = i32::try_from(pid).context("the id of a process")?;
        clock_getcpuclockid(Pid::from_raw(pid)).map(Self).context("the CPU clock of a process")
    }

    /// Only Linux has such a clock.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn of(_: u32) -> Result<Self> {
        Err(local::Error::new("CPU time is measured on Linux alone"))
    }

    /// The time so far.
    pub(super) fn now(self) -> Result<Duration> {
        self.0.now().map(Duration::from).context("reading a CPU clock")
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn the_time_of_a_thread_that_has_ended_counts() {
        let clock = CpuClock::of(std::process::id()).unwrap();
        let before = clock.now().unwrap();
        let work = || {
            let started = Instant::now();
            while started.elapsed() < Duration::from_millis(30) {}
        };
        std::thread::spawn(work).join().unwrap();
        assert!(clock.now().unwrap() > before);
    }
}
