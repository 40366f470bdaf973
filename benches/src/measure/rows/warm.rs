//! Invocations of processes that are warm.

use axum::body::Bytes;
use local::{Context, Result};

use super::process::{self, Run};
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
        for Cost { wall, cpu } in run(subject, case, plan.invocations, check).await?.later {
            let (wall, cpu) = (wall.as_secs_f64() * 1e3, cpu.as_secs_f64() * 1e3);
            matrix.add(&case.name, CPU, cpu);
            matrix.add(&case.name, RECORD, cpu * 1e3 / f64::from(case.records));
            matrix.add(&case.name, WALL, wall);
        }
        for Cost { cpu, .. } in run(hello, case, plan.invocations, check).await?.later {
            matrix.add(&case.name, HELLO_CPU, cpu.as_secs_f64() * 1e3);
            matrix.add(&case.name, HELLO_RECORD, cpu.as_secs_f64() * 1e6 / f64::from(case.records));
        }
    }
    Ok(())
}

/// Starts a process and invokes it again and again. Of the later costs those that count are left.
pub(super) async fn run(
    subject: &Subject,
    case: &Case,
    invocations: usize,
    check: fn(&Bytes) -> Result<()>,
) -> Result<Run> {
    let more = UNCOUNTED + invocations - 1;
    let mut run = process::run(subject, &case.event, more, check).await.context(&case.name)?;
    run.later.drain(..UNCOUNTED - 1);
    Ok(run)
}
