//! Replays: the events of a time range are published again from the table, with the same ids.

mod at_once;
mod foreign_items;
mod given_up;
mod range;
mod refusals;
mod resuming;
mod senders;

use std::time::Duration;

use end_to_end::{Response, System, eventually};
use serde_json::Value;

const START: &str = "/api/v1/admin/replay-events";

/// Longer than the longest replay of a test.
const ENDS_WITHIN: Duration = Duration::from_secs(90);

fn path(replay: &str) -> String {
    format!("/api/v1/admin/replays/{replay}")
}

/// The query of a range from yesterday until now.
async fn since_yesterday(system: &System) -> String {
    let yesterday = chrono::Utc::now() - chrono::TimeDelta::days(1);
    let start = yesterday.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    format!("start={start}&end={}", system.now().await)
}

async fn start(system: &System, query: &str) -> Response {
    system.post(&format!("{START}?{query}"), "").await
}

/// Waits until a replay has ended, and returns its state.
async fn ended(system: &System, replay: &str) -> Response {
    eventually(ENDS_WITHIN, async || {
        let response = system.get(&path(replay)).await;
        assert_eq!(response.status, 200, "{response}");
        if response.body["data"]["state"] == "running" { Err(response) } else { Ok(response) }
    })
    .await
}

/// Starts a replay, waits until it has ended, and returns its state.
async fn replay(system: &System, query: &str) -> Value {
    let response = start(system, query).await;
    assert_eq!(response.status, 202, "{response}");
    ended(system, &response.id()).await.body["data"].take()
}
