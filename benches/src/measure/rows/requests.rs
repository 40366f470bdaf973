//! Requests to a function of the API, from the start of its process.

use axum::body::Bytes;
use local::{Context, Error, Result};
use serde_json::Value;

use super::{
    add_cost,
    process::{Run, run},
};
use crate::measure::{report::Table, subject::Subject};

/// How often each subject starts, and how often it is invoked after its first request.
pub(super) struct Plan {
    pub(super) starts: usize,
    pub(super) warm: usize,
}

/// Sends a request to each subject again and again.
pub(super) async fn measure(
    title: &'static str,
    subjects: &[Subject],
    event: &Bytes,
    plan: &Plan,
) -> Result<Table> {
    let mut table = Table::new(title, subjects.iter().map(|subject| subject.name));
    // The first round warms the caches of the machine.
    for round in 0..=plan.starts {
        for (index, subject) in subjects.iter().enumerate() {
            let Run { init, cold, first, later, peak } = run(subject, event, plan.warm, check).await?;
            if round > 0 {
                add_cost(&mut table, "start to first poll", index, init);
                add_cost(&mut table, "start to first response", index, cold);
                add_cost(&mut table, "first request", index, first);
                table.add("peak memory", "MB", index, peak);
                for cost in later {
                    add_cost(&mut table, "warm request", index, cost);
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
        Some(_) => Err(Error::new(format!("a request was refused: {response}"))),
    }
}
