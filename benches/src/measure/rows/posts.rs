//! POSTs of events.

use local::Result;

use super::requests::{Plan, measure};
use crate::measure::{Bench, inputs, report::Table, subject::Subject};

/// The payload of a large event, in bytes.
pub(super) const LARGE_PAYLOAD_BYTES: usize = 250_000;

/// create-event with a usual event, and its baselines.
pub(super) async fn create_event(bench: &Bench) -> Result<Table> {
    let subjects = [
        Subject::new(bench, "create-event", "create-event"),
        Subject::new(bench, "bare PutItem, warmed up", "bare-put-item").with("BARE_WARM_UP", "1"),
        Subject::new(bench, "bare PutItem", "bare-put-item"),
        Subject::new(bench, "hello world", "hello-world"),
    ];
    inputs::declare_receiver(&bench.dynamodb).await?;
    let (event, plan) = (inputs::post(inputs::PAYLOAD_BYTES)?, Plan { starts: 100, warm: 40 });
    measure("POST of an event with a payload of 500 bytes", &subjects, &event, &plan).await
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
