//! Reads of events.

use local::{Context, Result};
use xzepr_domain::Event;

use super::requests::{Plan, measure};
use crate::measure::{Bench, inputs, report::Table, subject::Subject};

/// query-registry with a request for one event, and a hello world.
pub(super) async fn get_event(bench: &Bench) -> Result<Table> {
    let subjects = [
        Subject::new(bench, "query-registry", "query-registry"),
        Subject::new(bench, "hello world", "hello-world"),
    ];
    let event = Event { payload: inputs::payload(inputs::PAYLOAD_BYTES)?, ..xzepr_fixtures::event() };
    let id = bench.dynamodb.table().put_event(&event, None, None).await.context("storing an event")?;
    let (request, plan) = (inputs::get_event(&id)?, Plan { starts: 30, warm: 40 });
    measure("GET of an event with a payload of 500 bytes", &subjects, &request, &plan).await
}
