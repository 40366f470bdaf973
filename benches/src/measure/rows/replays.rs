//! Replays to Kafka without a limit of their rate.

use axum::body::Bytes;
use local::{Context, Error, Result};
use serde_json::{Value, json};
use xzepr_domain::{Event, EventId, Replay, ReplayFilter, TimeRange};
use xzepr_store::StartOutcome;

use super::publish_events;
use crate::measure::{
    Bench,
    inputs::{self, PAYLOAD_BYTES},
    report::{Column, Matrix},
};

/// The events of the range.
const EVENTS: u32 = 5_000;

/// A rate that no replay reaches.
const EVENTS_PER_SECOND: u32 = 1_000_000;

/// The range: a day on which no other row has events. Its first millisecond since 1970 is that of 2021-01-01.
const RANGE: [&str; 2] = ["2021-01-01T00:00:00Z", "2021-01-02T00:00:00Z"];
const FIRST_MS: u64 = 1_609_459_200_000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

const STARTS: usize = 5;

/// The replays of a process before those that count, and those that count.
const UNCOUNTED: usize = 1;
const COUNTED: usize = 4;

const RATE: &str = "published, events/s";
const CPU: &str = "CPU an event, µs";
const MEMORY: &str = "peak memory, MB";

/// replay-events with a replay of a day. The table forgets its progress, so each invocation publishes all events again.
pub(super) async fn replays(bench: &Bench) -> Result<Matrix> {
    let kafka = publish_events::kafka(bench).await?;
    let function = publish_events::publisher_of(bench, &kafka, "replay-events")
        .with("XZEPR_REPLAY_MAX_EVENTS_PER_SECOND", EVENTS_PER_SECOND.to_string());
    let request = Bytes::from(json!({"replay": start(bench).await?}).to_string());
    let columns = [
        ("published", Column::Median(RATE)),
        ("CPU an event", Column::Median(CPU)),
        ("peak memory", Column::Median(MEMORY)),
    ];
    let mut matrix = Matrix::new("Replays", "Replay", columns);
    let name = format!("{EVENTS} × 500 B");
    let log_dir = tempfile::tempdir().context("making a folder")?;
    for _ in 0..STARTS {
        let (mut environment, _) = function.start(&log_dir).await?;
        for invocation in 0..UNCOUNTED + COUNTED {
            let (response, cost) = environment.invoke(&request).await?;
            check(&response)?;
            if invocation >= UNCOUNTED {
                matrix.add(&name, RATE, f64::from(EVENTS) / cost.wall.as_secs_f64());
                matrix.add(&name, CPU, cost.cpu.as_secs_f64() * 1e6 / f64::from(EVENTS));
            }
        }
        matrix.add(&name, MEMORY, environment.peak_megabytes()?);
        environment.stop().await?;
    }
    Ok(matrix)
}

/// Stores the events and a replay of them. Returns its id.
async fn start(bench: &Bench) -> Result<String> {
    let (table, payload) = (bench.dynamodb.table(), inputs::payload(PAYLOAD_BYTES)?);
    for number in 0..u64::from(EVENTS) {
        let id = EventId::first_of(FIRST_MS + number * DAY_MS / u64::from(EVENTS));
        let event = Event { id, payload: payload.clone(), ..xzepr_fixtures::event() };
        table.put_event(&event, None, None).await.context("storing an event")?;
    }
    let range = TimeRange::parse(RANGE[0], RANGE[1]).context("the range of a replay")?;
    let replay = Replay::new(range, ReplayFilter::default(), false);
    match table.start_replay(&replay).await.context("storing a replay")? {
        StartOutcome::Started => Ok(replay.id.to_string()),
        outcome => Err(Error::new(format!("a replay was not started: {outcome:?}"))),
    }
}

/// The replay must have reached the end of its range.
fn check(response: &Bytes) -> Result<()> {
    let response: Value = serde_json::from_slice(response).context("a response")?;
    if response["ended"] == "done" {
        Ok(())
    } else {
        Err(Error::new(format!("a replay ended early: {response}")))
    }
}
