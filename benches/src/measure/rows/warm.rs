//! Invocations of processes that are warm.

use axum::body::Bytes;
use local::{Context, Error, Result};

use crate::measure::{
    environment::Cost,
    report::{Column, Matrix},
    subject::Subject,
};

/// The quantities of an input.
pub(super) const CPU: &str = "CPU, ms";
pub(super) const RECORD: &str = "CPU a record, µs";
pub(super) const HELLO_RECORD: &str = "CPU a record of the hello world, µs";
pub(super) const WALL: &str = "wall, ms";
pub(super) const HELLO_CPU: &str = "CPU of the hello world, ms";

/// Invocations of a process before those that count: connections, caches and the first growth of buffers.
const UNCOUNTED: usize = 5;

/// An input of a subject.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) event: Bytes,
    /// The records of a batch, or 1.
    pub(super) records: u32,
}

/// How often processes start for an input, and how often each is invoked.
pub(super) struct Plan {
    pub(super) starts: usize,
    pub(super) invocations: usize,
}

impl Plan {
    /// All invocations of a subject, counted or not.
    pub(super) fn all(&self) -> usize {
        self.starts * (UNCOUNTED + self.invocations)
    }
}

/// The costs of one process.
pub(super) struct Run {
    /// Of its first invocation.
    pub(super) first: Cost,
    /// Of the invocations that count.
    pub(super) warm: Vec<Cost>,
    /// The most memory, in MB.
    pub(super) peak: f64,
}

/// A table of batches, each beside the hello world.
pub(super) fn of_batches(title: &'static str) -> Matrix {
    let columns = [
        ("CPU a record", Column::Median(RECORD)),
        ("hello world", Column::Multiple(CPU, HELLO_CPU)),
        ("wall", Column::Median(WALL)),
        ("wall, slowest of 100", Column::P99(WALL)),
    ];
    Matrix::new(title, "Batch", columns)
}

/// Invokes a subject and the hello world with the same input in turn, and adds the samples.
pub(super) async fn measure(
    matrix: &mut Matrix,
    subject: &Subject,
    hello: &Subject,
    case: &Case,
    plan: &Plan,
    check: fn(&Bytes) -> Result<()>,
) -> Result<()> {
    for _ in 0..plan.starts {
        for Cost { wall, cpu } in run(subject, case, plan.invocations, check).await?.warm {
            let (wall, cpu) = (wall.as_secs_f64() * 1e3, cpu.as_secs_f64() * 1e3);
            matrix.add(&case.name, CPU, cpu);
            matrix.add(&case.name, RECORD, cpu * 1e3 / f64::from(case.records));
            matrix.add(&case.name, WALL, wall);
        }
        for Cost { cpu, .. } in run(hello, case, plan.invocations, check).await?.warm {
            matrix.add(&case.name, HELLO_CPU, cpu.as_secs_f64() * 1e3);
            matrix.add(&case.name, HELLO_RECORD, cpu.as_secs_f64() * 1e6 / f64::from(case.records));
        }
    }
    Ok(())
}

/// Starts a process and invokes it again and again.
pub(super) async fn run(
    subject: &Subject,
    case: &Case,
    invocations: usize,
    check: fn(&Bytes) -> Result<()>,
) -> Result<Run> {
    let log_dir = tempfile::tempdir().context("making a folder")?;
    let (mut environment, _) = subject.start(&log_dir).await?;
    let mut costs = Vec::with_capacity(UNCOUNTED + invocations);
    for _ in 0..UNCOUNTED + invocations {
        let (response, cost) = environment.invoke(&case.event).await?;
        check(&response).map_err(|error| Error::new(format!("{}: {error}", case.name)))?;
        costs.push(cost);
    }
    let peak = environment.peak_megabytes()?;
    environment.stop().await?;
    let warm = costs.split_off(UNCOUNTED);
    let first = costs.first().copied().unwrap_or_default();
    Ok(Run { first, warm, peak })
}
