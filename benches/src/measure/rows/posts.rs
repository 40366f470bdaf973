//! POSTs of events.

use local::Result;

use super::requests::{Plan, measure};
use crate::measure::{Bench, inputs, report::Table, subject::Subject, svg};

/// The payload of a large event, in bytes.
pub(super) const LARGE_PAYLOAD_BYTES: usize = 250_000;

/// The quantities of the picture.
const COLD: [&str; 3] =
    ["start to first poll, CPU", "start to first response, CPU", "start to first response, wall"];

/// create-event with a usual event, and its baselines. Draws `cold-start.svg` into the target folder.
pub(super) async fn create_event(bench: &Bench) -> Result<Table> {
    let subjects = [
        Subject::new(bench, "create-event", "create-event"),
        Subject::new(bench, "bare PutItem, warmed up", "bare-put-item").with("BARE_WARM_UP", "1"),
        Subject::new(bench, "bare PutItem", "bare-put-item"),
        Subject::new(bench, "hello world", "hello-world"),
    ];
    inputs::declare_receiver(&bench.dynamodb).await?;
    let (event, plan) = (inputs::post(inputs::PAYLOAD_BYTES)?, Plan { starts: 100, warm: 40 });
    let table = measure("POST of an event with a payload of 500 bytes", &subjects, &event, &plan).await?;
    svg::write("cold-start.svg", &table.bars("Cold start of create-event", "ms", &COLD).svg())?;
    Ok(table)
}

/// create-event with a large event.
pub(super) async fn large_post(bench: &Bench) -> Result<Table> {
    let subjects = [
        Subject::new(bench, "create-event", "create-event"),
        Subject::new(bench, "bare PutItem, warmed up", "bare-put-item").with("BARE_WARM_UP", "1"),
        Subject::new(bench, "hello world", "hello-world"),
    ];
    inputs::declare_receiver(&bench.dynamodb).await?;
    let (event, plan) = (inputs::post(LARGE_PAYLOAD_BYTES)?, Plan { starts: 30, warm: 30 });
    measure("POST of an event with a payload of 250 KB", &subjects, &event, &plan).await
}
