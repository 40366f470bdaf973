//! An execution environment: one process of a function, from its start to its end.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

use axum::body::Bytes;
use local::{Context, Error, Result};
use serde::Serialize;
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
    sync::oneshot,
    time::{sleep, timeout},
};

use super::{
    cpu::CpuClock,
    runtime_api::{Call, RuntimeApi},
};

/// A call of the process must come within this time.
const CALLS_WITHIN: Duration = Duration::from_secs(30);

/// The lines of the log that an error has.
const LOG_LINES: usize = 10;

/// The costs of a step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub(super) struct Cost {
    /// The time that a caller waits.
    pub(super) wall: Duration,
    /// The time of all threads.
    pub(super) cpu: Duration,
}

/// A process with its Runtime API. It waits for an invocation, except in the calls of this.
pub(super) struct Environment {
    process: Child,
    api: RuntimeApi,
    log: PathBuf,
    clock: CpuClock,
    started: Instant,
    /// When it responded last.
    responded: Instant,
    /// The CPU time until it began to wait.
    cpu: Duration,
    next: Option<oneshot::Sender<Bytes>>,
}

impl Environment {
    /// Starts a program and waits for its first poll. Returns the cost of its init, from the start of the process. With a
    /// control group's list of processes, the program moves itself there and waits for a line on its stdin. Its start is
    /// then the time of that line.
    pub(super) async fn start(
        program: &Path,
        arguments: &[OsString],
        variables: &HashMap<&str, String>,
        log_dir: &Path,
        group: Option<&Path>,
    ) -> Result<(Self, Cost)> {
        let mut api = RuntimeApi::start().await?;
        let log = log_dir.join("function.log");
        let file = File::create(&log).context("creating a log file")?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(variables)
            .env("AWS_LAMBDA_RUNTIME_API", api.address())
            .stdin(if group.is_some() { Stdio::piped() } else { Stdio::null() })
            .stdout(file.try_clone().context("creating a log file")?)
            .stderr(file)
            .kill_on_drop(true);
        let mut started = Instant::now();
        let mut process = command.spawn().context(format!("starting {}", program.display()))?;
        let pid = process.id().ok_or_else(|| Error::new("the process has ended"))?;
        let clock = CpuClock::of(pid)?;
        if let (Some(group), Some(mut stdin)) = (group, process.stdin.take()) {
            await_member(group, pid).await?;
            started = Instant::now();
            stdin.write_all(b"\n").await.context("starting a program")?;
        }
        let next = Some(await_poll(&mut process, &mut api, &log).await?);
        let cost = Cost { wall: started.elapsed(), cpu: clock.now()? };
        Ok((Self { process, api, log, clock, started, responded: started, cpu: cost.cpu, next }, cost))
    }

    /// Invokes the function. Returns its response and the cost: the time until the response, and the CPU time until
    /// the function waits again.
    pub(super) async fn invoke(&mut self, event: &Bytes) -> Result<(Bytes, Cost)> {
        let next = self.next.take();
        let began = Instant::now();
        if next.is_none_or(|next| next.send(event.clone()).is_err()) {
            return Err(Error::new("the function does not wait for an invocation"));
        }
        let (response, at) = match await_call(&mut self.process, &mut self.api, &self.log).await? {
            Call::Response(response, at) => (response, at),
            call => return Err(unexpected(&call, &self.log)),
        };
        self.next = Some(await_poll(&mut self.process, &mut self.api, &self.log).await?);
        let cpu = self.clock.now()?;
        let cost = Cost { wall: at.duration_since(began), cpu: cpu.saturating_sub(self.cpu) };
        (self.cpu, self.responded) = (cpu, at);
        Ok((response, cost))
    }

    /// The id of the process; `None` if it has ended.
    pub(super) fn pid(&self) -> Option<u32> {
        self.process.id()
    }

    /// The cost from the start of the process to its last response.
    pub(super) fn total(&self) -> Cost {
        Cost { wall: self.responded.duration_since(self.started), cpu: self.cpu }
    }

    /// The most memory that the process has used, in millions of bytes.
    pub(super) fn peak_megabytes(&self) -> Result<f64> {
        let pid = self.process.id().unwrap_or_default();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).context("reading the memory")?;
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
        let peak: Option<f64> = peak.and_then(|kibibytes| kibibytes.parse().ok());
        peak.map(|kibibytes| kibibytes * 1024.0 / 1e6).ok_or_else(|| Error::new("the process has no memory"))
    }

    /// Lets the process end by itself: its poll fails.
    pub(super) async fn finish(mut self) -> Result<()> {
        drop(self.next.take());
        match timeout(CALLS_WITHIN, self.process.wait()).await {
            Ok(ended) => ended.map(drop).context("waiting for the end of a function"),
            Err(_) => Err(with_log("the function did not end", &self.log)),
        }
    }

    /// Kills the process.
    pub(super) async fn stop(mut self) -> Result<()> {
        self.process.kill().await.context("ending a function")
    }
}

/// Waits until a control group has the process.
async fn await_member(group: &Path, pid: u32) -> Result<()> {
    let pid = pid.to_string();
    let joined = async {
        while !std::fs::read_to_string(group).context(group.display())?.lines().any(|line| line == pid) {
            sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    };
    timeout(CALLS_WITHIN, joined).await.context("moving a process into a control group").flatten()
}

async fn await_poll(process: &mut Child, api: &mut RuntimeApi, log: &Path) -> Result<oneshot::Sender<Bytes>> {
    match await_call(process, api, log).await? {
        Call::Next(next) => Ok(next),
        call => Err(unexpected(&call, log)),
    }
}

async fn await_call(process: &mut Child, api: &mut RuntimeApi, log: &Path) -> Result<Call> {
    tokio::select! {
        call = timeout(CALLS_WITHIN, api.call()) => {
            call.unwrap_or_else(|_| Err(with_log("the function did not call the Runtime API", log)))
        }
        _ = process.wait() => Err(with_log("the function has ended", log)),
    }
}

fn unexpected(call: &Call, log: &Path) -> Error {
    match call {
        Call::Error(body) => {
            with_log(&format!("the function has failed: {}", String::from_utf8_lossy(body)), log)
        }
        Call::Next(_) | Call::Response(..) => with_log("the function has called out of order", log),
    }
}

fn with_log(fact: &str, log: &Path) -> Error {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    let last = lines.get(lines.len().saturating_sub(LOG_LINES)..).unwrap_or_default().join("\n");
    Error::new(format!("{fact}; its log ends with:\n{last}"))
}
