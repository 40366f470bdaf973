//! One process of a function: its output goes to a log file, and a new process replaces it when it ends.

use std::{collections::HashMap, fs::OpenOptions, path::PathBuf, process::Stdio, time::Duration};

use tokio::{
    process::{Child, Command},
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
    time::sleep,
};

use crate::{
    error::{Context, Result},
    process,
    signal::Signal,
};

/// The pause before a restart. Without it, a function that ends at its start would use a whole core.
const RESTART_AFTER: Duration = Duration::from_millis(200);

/// A program to run.
pub(super) struct Process {
    pub(super) program: PathBuf,
    pub(super) log: PathBuf,
    pub(super) variables: HashMap<String, String>,
}

/// A process that is restarted until this is dropped.
pub(super) struct Supervised {
    pub(super) process: ProcessHandle,
    task: JoinHandle<()>,
}

impl Drop for Supervised {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A handle on a function's process, and on the processes that replace it.
#[derive(Clone)]
pub(crate) struct ProcessHandle {
    signals: mpsc::Sender<(Signal, oneshot::Sender<Result<()>>)>,
    deaths: watch::Receiver<u64>,
}

impl ProcessHandle {
    /// Sends a signal. If the process ends by the signal, this waits for its end.
    pub(crate) async fn signal(&self, signal: Signal) -> Result<()> {
        let (sent, is_sent) = oneshot::channel();
        self.signals.send((signal, sent)).await.context("signalling")?;
        is_sent.await.context("signalling")?
    }

    /// Counts the deaths. Only later deaths are changes.
    pub(crate) fn deaths(&self) -> watch::Receiver<u64> {
        let mut deaths = self.deaths.clone();
        deaths.mark_unchanged();
        deaths
    }

    /// Counts the deaths. Deaths in the past are changes, too.
    pub(super) fn all_deaths(&self) -> watch::Receiver<u64> {
        self.deaths.clone()
    }
}

impl Process {
    /// Starts the program, and starts it again whenever it ends.
    pub(super) fn supervise(self) -> Result<Supervised> {
        let (signals, mut received) = mpsc::channel::<(Signal, oneshot::Sender<Result<()>>)>(1);
        let (died, deaths) = watch::channel(0);
        let mut child = self.spawn()?;
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = child.wait() => died.send_modify(|deaths| *deaths += 1),
                    Some((signal, sent)) = received.recv() => {
                        let result = signal.send(&mut child).await;
                        let has_ended = result.is_ok() && signal.ends();
                        if has_ended {
                            // Counted before the caller continues, who would otherwise see it as the next death.
                            died.send_modify(|deaths| *deaths += 1);
                        }
                        let _ = sent.send(result);
                        if !has_ended {
                            continue;
                        }
                    }
                }
                sleep(RESTART_AFTER).await;
                match self.spawn() {
                    Ok(process) => child = process,
                    Err(error) => return eprintln!("{error}"),
                }
            }
        });
        Ok(Supervised { process: ProcessHandle { signals, deaths }, task })
    }

    fn spawn(&self) -> Result<Child> {
        let starting = format!("starting {}", self.program.display());
        let log = OpenOptions::new().append(true).open(&self.log).context(&starting)?;
        let mut command = Command::new(&self.program);
        command
            .envs(&self.variables)
            .stdin(Stdio::null())
            .stdout(log.try_clone().context(&starting)?)
            .stderr(log)
            .kill_on_drop(true);
        process::spawn(&mut command).context(starting)
    }
}
