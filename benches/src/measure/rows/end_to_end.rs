//! The whole system under load: the time from the POST of an event to its message.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use local::{Context, Result};
use serde_json::Value;
use tokio::{
    task::JoinSet,
    time::{Instant as TokioInstant, interval_at},
};

use super::system::{Caller, PUBLISHER, Post, System, milliseconds};
use crate::measure::{
    Bench,
    report::{Column, Matrix},
};

/// The rates in events a second, each with the number of events that count.
const LOADS: [(u32, usize); 3] = [(1, 40), (50, 1_000), (500, 5_000)];

/// The rate and the number of the events before them, which warm the functions.
const WARM_UP: (u32, usize) = (50, 200);

const WHOLE: &str = "POST to the message, ms";
const RESPONSE: &str = "POST to its response, ms";
const POLLING: &str = "response to the publisher's start, ms";
const PUBLISHING: &str = "publisher's start to the acknowledgement, ms";
const RECORDS: &str = "records of a batch";
const ACCEPTED: &str = "accepted, /s";
const REFUSED: &str = "refused";

/// The system at each rate, one after the other.
pub(super) async fn end_to_end(bench: &Bench) -> Result<Matrix> {
    let columns = [
        ("accepted", Column::Median(ACCEPTED)),
        ("refused", Column::Median(REFUSED)),
        ("to the message", Column::Median(WHOLE)),
        ("slowest of 100", Column::P99(WHOLE)),
        ("to the response", Column::Median(RESPONSE)),
        ("slowest of 100", Column::P99(RESPONSE)),
        ("polling", Column::Median(POLLING)),
        ("slowest of 100", Column::P99(POLLING)),
        ("publishing", Column::Median(PUBLISHING)),
        ("slowest of 100", Column::P99(PUBLISHING)),
        ("records of a batch", Column::Median(RECORDS)),
    ];
    let mut matrix = Matrix::new("From the POST of an event to its message", "Load", columns);
    let system = System::start(bench).await?;
    let event = Arc::new(system.event_of_receiver("end-to-end").await?);
    let mut all = load(&system.caller(), &event, WARM_UP).await?;
    system.await_published(&all).await?;
    for (rate, events) in LOADS {
        let posts = load(&system.caller(), &event, (rate, events)).await?;
        system.await_published(&posts).await?;
        matrix.add(&name(rate), REFUSED, (events - posts.len()) as f64);
        add(&mut matrix, rate, &posts, &system)?;
        all.extend(posts);
    }
    system.messages(&all).await?;
    Ok(matrix)
}

fn name(rate: u32) -> String {
    if rate == 1 { "1 event/s".to_owned() } else { format!("{rate} events/s") }
}

fn add(matrix: &mut Matrix, rate: u32, posts: &[Post], system: &System) -> Result<()> {
    let (invocations, load) = (system.invocations(), name(rate));
    for Post { id, sent, responded } in posts {
        let publisher = invocations.of(PUBLISHER, id)?;
        matrix.add(&load, WHOLE, milliseconds(*sent, publisher.ended));
        matrix.add(&load, RESPONSE, milliseconds(*sent, *responded));
        matrix.add(&load, POLLING, milliseconds(*responded, publisher.began));
        matrix.add(&load, PUBLISHING, milliseconds(publisher.began, publisher.ended));
        matrix.add(&load, RECORDS, publisher.records as f64);
    }
    let responded = || posts.iter().map(|post| post.responded);
    if let (Some(first), Some(last)) = (responded().min(), responded().max()) {
        matrix.add(&load, ACCEPTED, (posts.len() - 1) as f64 / (last - first).as_secs_f64());
    }
    Ok(())
}

/// Posts events at a rate, whether or not there are responses to the ones before. An event is measured from the time at
/// which it is due. Returns those that were accepted.
async fn load(caller: &Caller, event: &Arc<Value>, (rate, events): (u32, usize)) -> Result<Vec<Post>> {
    let every = Duration::from_secs(1) / rate;
    let mut due = interval_at(TokioInstant::now() + every, every);
    let mut posting = JoinSet::new();
    for _ in 0..events {
        let due: Instant = due.tick().await.into_std();
        let (caller, event) = (caller.clone(), Arc::clone(event));
        posting.spawn(async move { caller.post(&event, due).await });
    }
    let mut posts = Vec::with_capacity(events);
    while let Some(posted) = posting.join_next().await {
        posts.extend(posted.context("posting an event")??);
    }
    Ok(posts)
}
