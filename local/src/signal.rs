//! What can be done to a process from outside.

use tokio::process::{Child, Command};

use crate::{
    error::{Context, Error, Result},
    process,
};

/// A signal to a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM: it ends in its own way.
    Terminate,
    /// SIGKILL: it ends at once.
    Kill,
    /// SIGSTOP: it stands still, as Lambda freezes it.
    Freeze,
    /// SIGCONT: it goes on.
    Thaw,
}

impl Signal {
    /// Whether a process ends by it.
    pub(crate) fn ends(self) -> bool {
        matches!(self, Self::Terminate | Self::Kill)
    }

    /// Sends it, and waits for the end of a process that ends by it.
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
