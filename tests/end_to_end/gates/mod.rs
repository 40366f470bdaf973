//! Gates: a group is complete for an artifact, its message comes once, and the answer tells why it is not.

mod life;
mod options;
mod questions;
mod sizes;

use std::time::Duration;

use end_to_end::{System, eventually};
use local::{samples, topic::Record};
use serde_json::{Value, json};

/// The type of the groups, and so of the messages of their gates.
const TYPE: &str = "com.example.gate";

/// Longer than the timeout of the function that indexes.
const SEEN_WITHIN: Duration = Duration::from_secs(90);

/// The artifact of a sample event with this release, as a query string.
fn artifact(release: &str) -> String {
    format!(
        "name=com.example.build.finished&version=2.1.0&release={release}&platform_id=linux-x86_64&package=myapp"
    )
}

/// Posts an event of a receiver for the artifact with this release.
async fn post(system: &System, receiver: &str, release: &str, success: bool) -> String {
    let mut event = samples::event(receiver);
    (event["release"], event["success"]) = (json!(release), json!(success));
    system.create("/api/v1/events", &event).await
}

/// Creates a group of receivers. `members` are further members of its body.
async fn group(system: &System, receivers: &[String], members: &Value) -> String {
    let mut body = samples::group("");
    body["event_receiver_ids"] = json!(receivers);
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    system.create("/api/v1/event-receiver-groups", &body).await
}

/// The gate's answer for the artifact with this release.
async fn gate(system: &System, group: &str, release: &str) -> Value {
    let path = format!("/api/v1/event-receiver-groups/{group}/gate?{}", artifact(release));
    system.read(&path).await["data"].take()
}

/// Waits until the answer has these states of the members, in the order of the group, and returns it.
async fn await_states(system: &System, group: &str, release: &str, states: &[&str]) -> Value {
    eventually(SEEN_WITHIN, async || {
        let gate = gate(system, group, release).await;
        if member_states(&gate) == states { Ok(gate) } else { Err(gate) }
    })
    .await
}

/// The states of the members.
fn member_states(gate: &Value) -> Vec<&str> {
    gate["members"].as_array().unwrap().iter().map(|member| member["state"].as_str().unwrap()).collect()
}

/// The payload of a message in the format `xzepr`.
fn payload(message: &Record) -> Value {
    let value: Value = serde_json::from_str(&message.value).unwrap();
    value["data"]["payload"].clone()
}
