//! Signals to processes.

use tokio::process::{Child, Command};

use crate::{
    error::{Context, Error, Result},
    process,
};

/// A signal to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM: the process may finish its work before it ends.
    Terminate,
    /// SIGKILL: the process ends at once.
    Kill,
    /// SIGSTOP: the process is suspended, as Lambda freezes it.
    Freeze,
    /// SIGCONT: the process continues.
    Thaw,
}

impl Signal {
    /// Whether a process ends by this signal.
    pub(crate) fn ends(self) -> bool {
        matches!(self, Self::Terminate | Self::Kill)
    }

    /// Sends the signal. If the process ends by it, this waits for the end.
    pub(crate) async fn send(self, child: &mut Child) -> Result<()> {
        let name = match self {
            Self::Kill => return child.kill().await.context("killing a process"),
            Self::Terminate => "-TERM",
            Self::Freeze => "-STOP",
            Self::Thaw => "-CONT",
        };
        let pid = child.id().ok_or_else(|| Error::new("the process has ended"))?.to_string();
        let mut kill = process::spawn(Command::new("kill").args([name, &pid])).context("running kill")?;
        let status = kill.wait().await.context("running kill")?;
        if !status.success() {
            return Err(Error::new(format!("kill {name} {pid} ends with {status}")));
        }
        if self.ends() {
            child.wait().await.context("waiting for a process")?;
        }
        Ok(())
    }
}
