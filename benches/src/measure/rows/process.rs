//! One process of a subject, from its start to its end.

use axum::body::Bytes;
use local::{Context, Result};

use crate::measure::{environment::Cost, subject::Subject};

/// The costs of a process.
pub(super) struct Run {
    /// From its start to its first poll.
    pub(super) init: Cost,
    /// From its start to its first response.
    pub(super) cold: Cost,
    /// Of its first invocation.
    pub(super) first: Cost,
    /// Of the invocations after that, in order.
    pub(super) later: Vec<Cost>,
    /// The most memory, in MB.
    pub(super) peak: f64,
}

/// Starts a process, invokes it once and then this many times more with the same event, and ends it.
pub(super) async fn run(
    subject: &Subject,
    event: &Bytes,
    more: usize,
    check: fn(&Bytes) -> Result<()>,
) -> Result<Run> {
    let log_dir = tempfile::tempdir().context("making a folder")?;
    let (mut environment, init) = subject.start(&log_dir).await?;
    let (response, first) = environment.invoke(event).await?;
    check(&response)?;
    let cold = environment.total();
    let mut later = Vec::with_capacity(more);
    for _ in 0..more {
        let (response, cost) = environment.invoke(event).await?;
        check(&response)?;
        later.push(cost);
    }
    let peak = environment.peak_megabytes()?;
    environment.stop().await?;
    Ok(Run { init, cold, first, later, peak })
}
