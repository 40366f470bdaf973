//! POSTs of events.

use axum::body::Bytes;
use local::{Context, Error, Result};
use serde_json::Value;

use super::add_cost;
use crate::measure::{Bench, inputs, report::Table, subject::Subject};

/// The payload of a usual event, in bytes.
pub(super) const PAYLOAD_BYTES: usize = 500;

/// The payload of a large event, in bytes.
pub(super) const LARGE_PAYLOAD_BYTES: usize = 250_000;

/// How often each subject starts, and is invoked afterwards.
struct Plan {
    starts: usize,
    warm: usize,
}

/// create-event with a usual event, and its baselines.
pub(super) async fn create_event(bench: &Bench) -> Result<Table> {
    let subjects = [
        Subject::new(bench, "create-event", "create-event"),
        Subject::new(bench, "bare PutItem, warmed up", "bare-put-item").with("BARE_WARM_UP", "1"),
        Subject::new(bench, "bare PutItem", "bare-put-item"),
        Subject::new(bench, "hello world", "hello-world"),
    ];
    let plan = Plan { starts: 100, warm: 40 };
    measure("POST of an event with a payload of 500 bytes", bench, &subjects, PAYLOAD_BYTES, &plan).await
}

/// create-event with a large event.
pub(super) async fn large_post(bench: &Bench) -> Result<Table> {
    let subjects = [
        Subject::new(bench, "create-event", "create-event"),
        Subject::new(bench, "bare PutItem, warmed up", "bare-put-item").with("BARE_WARM_UP", "1"),
        Subject::new(bench, "hello world", "hello-world"),
    ];
    let plan = Plan { starts: 30, warm: 30 };
    measure("POST of an event with a payload of 250 KB", bench, &subjects, LARGE_PAYLOAD_BYTES, &plan).await
}

async fn measure(
    title: &'static str,
    bench: &Bench,
    subjects: &[Subject],
    payload_bytes: usize,
    plan: &Plan,
) -> Result<Table> {
    inputs::declare_receiver(&bench.dynamodb).await?;
    let event = inputs::post(payload_bytes)?;
    let log_dir = tempfile::tempdir().context("making a folder")?;
    let mut table = Table::new(title, subjects.iter().map(|subject| subject.name));
    // The first round warms the caches of the machine.
    for round in 0..=plan.starts {
        for (index, subject) in subjects.iter().enumerate() {
            let (mut environment, init) = subject.start(&log_dir).await?;
            let (response, first) = environment.invoke(&event).await?;
            check(&response)?;
            let cold = environment.total();
            let mut warm = Vec::with_capacity(plan.warm);
            for _ in 0..plan.warm {
                let (response, cost) = environment.invoke(&event).await?;
                check(&response)?;
                warm.push(cost);
            }
            environment.stop().await?;
            if round > 0 {
                add_cost(&mut table, "start to first poll", index, init);
                add_cost(&mut table, "start to first response", index, cold);
                add_cost(&mut table, "first POST", index, first);
                for cost in warm {
                    add_cost(&mut table, "warm POST", index, cost);
                }
            }
        }
    }
    Ok(table)
}

/// A response of a function of the API must be 200. The one of the hello world is an empty object.
pub(super) fn check(response: &Bytes) -> Result<()> {
    let response: Value = serde_json::from_slice(response).context("a response")?;
    match response["statusCode"].as_u64() {
        None | Some(200) => Ok(()),
        Some(_) => Err(Error::new(format!("a POST was refused: {response}"))),
    }
}
