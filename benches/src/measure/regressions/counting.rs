//! Counts the instructions of the fixed inputs.

use std::collections::BTreeMap;

use axum::body::Bytes;
use local::{Context, Result};

use super::{
    callgrind::{Clock, Counted, compile_preloaded},
    inputs,
};
use crate::measure::{Bench, inputs as samples, rows, subject::Subject};

/// The processes of each function, and the warm invocations of each process. A count is the median.
const PROCESSES: usize = 3;
const WARM: usize = 10;

/// The functions that are counted.
pub(super) const FUNCTIONS: [&str; 4] = ["create-event", "publish-events", "query-registry", "index-events"];

/// A function with its input.
struct Case {
    subject: Subject,
    clock: Clock,
    input: &'static str,
    event: Bytes,
    /// Whether the first invocation counts. That of the other functions opens connections as it needs them, and how many
    /// depends on times.
    first: bool,
    warm: usize,
}

/// The instructions of each step, by its name.
pub(super) async fn count(bench: &Bench) -> Result<BTreeMap<String, u64>> {
    let dir = tempfile::tempdir().context("making a folder")?;
    let preloaded = compile_preloaded(dir.path()).await?;
    let dynamodb = &bench.dynamodb;
    samples::declare_receiver(dynamodb).await?;
    let kafka = rows::start_kafka().await?;
    let case = |name, input, event| {
        let subject = Subject::new(bench, name, name);
        Case { subject, clock: Clock::Slow, input, event, first: name == "create-event", warm: WARM }
    };
    let cases = [
        case("create-event", "POST of 500 bytes", samples::post(samples::PAYLOAD_BYTES)?),
        Case {
            subject: rows::publisher(bench, &kafka),
            clock: Clock::Real,
            input: "batch of 500 × 500 bytes",
            event: inputs::published(dynamodb).await?,
            first: false,
            warm: WARM / 2,
        },
        case("query-registry", "page of a search", inputs::search(dynamodb).await?),
        case("index-events", "batch of 24 with gates", inputs::evaluated(dynamodb).await?),
    ];
    let mut samples = BTreeMap::<String, Vec<u64>>::new();
    for _ in 0..PROCESSES {
        for Case { subject, clock, input, event, first, warm } in &cases {
            let mut add = |step: &str, count: u64| {
                let step = format!("{}, {step}", subject.name);
                samples.entry(step).or_default().push(count);
            };
            let (mut counted, start) = Counted::start(subject, &preloaded, *clock).await?;
            add("start", start);
            let count = counted.invoke(event).await?;
            if *first {
                add(&format!("first {input}"), count);
            }
            for _ in 0..*warm {
                add(&format!("warm {input}"), counted.invoke(event).await?);
            }
            counted.stop().await?;
        }
    }
    Ok(samples.into_iter().filter_map(|(step, counts)| Some((step, median(counts)?))).collect())
}

/// The middle of counts; `None` if there are none.
fn median(mut counts: Vec<u64>) -> Option<u64> {
    counts.sort_unstable();
    counts.get(counts.len() / 2).copied()
}
