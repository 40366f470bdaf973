//! The instructions of a function, counted by callgrind. A busy machine hardly changes them.

use std::{fs, path::PathBuf};

use axum::body::Bytes;
use local::{Context, Error, Result, workspace};

use super::{posts, publish_events, requests};
use crate::measure::{Bench, inputs, report::Table, subject::Subject};

/// How often each count is made.
const ROUNDS: usize = 3;

/// The warm invocations after the first one.
const WARM: u32 = 10;

/// An input of a function.
struct Case<'a> {
    subject: &'a Subject,
    input: String,
    event: Bytes,
}

/// The instructions of a start, of the first invocation and of a warm one: the differences between a process without
/// invocations, one with one, and one with several. The last profile of each stays in the target folder.
pub(super) async fn instructions(bench: &Bench) -> Result<Table> {
    inputs::declare_receiver(&bench.dynamodb).await?;
    let kafka = publish_events::start_kafka().await?;
    let creator = Subject::new(bench, "create-event", "create-event");
    let publisher = publish_events::publisher(bench, &kafka);
    let post = |name: &str, payload_bytes| {
        let input = format!("POST of {name}");
        Ok(Case { subject: &creator, input, event: inputs::post(payload_bytes)? })
    };
    let posts = [post("500 B", inputs::PAYLOAD_BYTES), post("250 KB", posts::LARGE_PAYLOAD_BYTES)];
    let batches = publish_events::batches(bench).await?.map(|batch| {
        let input = format!("batch of {}", batch.name);
        Ok(Case { subject: &publisher, input, event: batch.event })
    });
    let cases = posts.into_iter().chain(batches).collect::<Result<Vec<_>>>()?;
    let mut table = Table::new("Instructions", ["instructions"]);
    for _ in 0..ROUNDS {
        for case in &cases {
            count(case, &mut table).await?;
        }
    }
    Ok(table)
}

/// Adds the counts of a case.
async fn count(Case { subject, input, event }: &Case<'_>, table: &mut Table) -> Result<()> {
    let function = subject.name;
    let start = total(subject, input, event, 0).await?;
    let first = total(subject, input, event, 1).await?;
    let warm = total(subject, input, event, 1 + WARM).await?;
    let mut add = |quantity: &str, count: f64| {
        table.add(&format!("{function}, {quantity}"), "million", 0, count / 1e6);
    };
    add("start to first poll", start);
    add(&format!("first {input}"), first - start);
    add(&format!("warm {input}"), (warm - first) / f64::from(WARM));
    Ok(())
}

/// The instructions of a process that gets an event this number of times.
async fn total(subject: &Subject, input: &str, event: &Bytes, invocations: u32) -> Result<f64> {
    let log_dir = tempfile::tempdir().context("making a folder")?;
    let profile = profile(&format!("{}, {invocations} of {input}", subject.name))?;
    let (mut environment, _) = subject.in_callgrind(&profile).start(&log_dir).await?;
    for _ in 0..invocations {
        let (response, _) = environment.invoke(event).await?;
        requests::check(&response)?;
        publish_events::check(&response)?;
    }
    environment.finish().await?;
    let text = fs::read_to_string(&profile).context("reading the counts of callgrind")?;
    let total = text.lines().find_map(|line| line.strip_prefix("totals: ")?.trim().parse().ok());
    total.ok_or_else(|| Error::new("callgrind has counted nothing"))
}

/// The file for a profile: the input of `callgrind_annotate`.
fn profile(name: &str) -> Result<PathBuf> {
    let dir = workspace::target().join("benches");
    fs::create_dir_all(&dir).context("making a folder")?;
    Ok(dir.join(format!("{name}.callgrind")))
}
