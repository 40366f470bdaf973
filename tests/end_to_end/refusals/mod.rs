//! Every error code with its whole response. The errors of a table that fails are in `faults`.

mod bodies;
mod payloads;
mod schemas;

use end_to_end::{Response, System};
use serde_json::Value;

const EVENTS: &str = "/api/v1/events";
const RECEIVERS: &str = "/api/v1/event-receivers";
const GROUPS: &str = "/api/v1/event-receiver-groups";
const UNKNOWN: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";

/// Posts an event with this payload.
async fn post_event(system: &System, receiver: &str, payload: &Value) -> Response {
    let mut event = local::samples::event(receiver);
    event["payload"] = payload.clone();
    system.post(EVENTS, event.to_string()).await
}

/// Declares a receiver with this schema.
async fn post_receiver(system: &System, schema: &str) -> Response {
    let body = format!(r#"{{"name":"n","type":"t","version":"1","description":"d","schema":{schema}}}"#);
    system.post(RECEIVERS, body).await
}
