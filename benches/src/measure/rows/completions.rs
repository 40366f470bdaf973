//! The whole system with gates: the time from the POST of an event that completes a gate to the message of the completion.

use std::{collections::HashSet, time::Duration};

use local::{Context, Error, Result, topic::Record};
use serde_json::Value;
use tokio::time::interval;
use xzepr_domain::EventId;

use super::system::{INDEXER, Invocations, PUBLISHER, Post, System, milliseconds};
use crate::measure::{Bench, report::Table};

/// Pairs of a completion and an ordinary event that count, and pairs before them.
const PAIRS: usize = 100;
const UNCOUNTED: usize = 10;

/// The time between two POSTs: longer than a completion takes.
const EVERY: Duration = Duration::from_millis(250);

/// The table's subjects.
const COMPLETION: usize = 0;
const ORDINARY: usize = 1;

/// An event that completes a gate, and the text that only its artifact has.
struct Completing {
    post: Post,
    artifact: String,
}

/// Completions and ordinary events in turn.
pub(super) async fn completions(bench: &Bench) -> Result<Table> {
    let mut table = Table::new(
        "From the POST of an event to the message of a completion",
        ["message of the completion", "message of an ordinary event"],
    );
    let system = System::start(bench).await?;
    let (ordinary, completing) =
        (system.event_of_receiver("ordinary").await?, system.event_of_receiver("completing").await?);
    system.create_group(&completing).await?;
    let (ordinary, completing) = post_in_turn(&system, &ordinary, completing).await?;
    system.await_published(&ordinary).await?;
    let messages = system.messages(&ordinary).await?;
    let invocations = system.invocations();
    let posted: HashSet<_> = completing.iter().map(|completing| &*completing.post.id).collect();
    for (completing, ordinary) in completing.iter().zip(&ordinary).skip(UNCOUNTED) {
        let message = completion(&messages, &posted, &completing.artifact)?;
        add_completion(&mut table, &invocations, &completing.post, message)?;
        let published = invocations.of(PUBLISHER, &ordinary.id)?;
        let mut add = |step, from, to| table.add(step, "ms", ORDINARY, milliseconds(from, to));
        add("POST to its response", ordinary.sent, ordinary.responded);
        add("to the start of publish-events", ordinary.responded, published.began);
        add("publish-events", published.began, published.ended);
        add("POST to the message", ordinary.sent, published.ended);
    }
    Ok(table)
}

/// Posts the events. Each that completes a gate is of an artifact of its own.
async fn post_in_turn(
    system: &System,
    ordinary: &Value,
    mut completing: Value,
) -> Result<(Vec<Post>, Vec<Completing>)> {
    let (caller, mut ticks) = (system.caller(), interval(EVERY));
    let (mut ordinaries, mut completings) = (Vec::new(), Vec::new());
    for _ in 0..UNCOUNTED + PAIRS {
        ticks.tick().await;
        ordinaries.push(caller.post_accepted(ordinary).await?);
        let artifact = EventId::generate().to_string();
        completing["release"] = artifact.as_str().into();
        ticks.tick().await;
        let post = caller.post_accepted(&completing).await?;
        completings.push(Completing { post, artifact });
    }
    ticks.tick().await;
    Ok((ordinaries, completings))
}

/// The message of the completion for an artifact: the other message with its text.
fn completion<'a>(messages: &'a [Record], posted: &HashSet<&str>, artifact: &str) -> Result<&'a Record> {
    let is_completion =
        |message: &&Record| !posted.contains(&*message.key) && message.value.contains(artifact);
    messages.iter().find(is_completion).ok_or_else(|| Error::new("the message of a completion is missing"))
}

fn add_completion(table: &mut Table, invocations: &Invocations, post: &Post, message: &Record) -> Result<()> {
    let indexed = invocations.of(INDEXER, &post.id)?;
    let published = invocations.of(PUBLISHER, &message.key).context("a completion")?;
    let mut add = |step, from, to| table.add(step, "ms", COMPLETION, milliseconds(from, to));
    add("POST to its response", post.sent, post.responded);
    add("to the start of index-events", post.responded, indexed.began);
    add("index-events", indexed.began, indexed.ended);
    add("to the start of publish-events", indexed.ended, published.began);
    add("publish-events", published.began, published.ended);
    add("POST to the message", post.sent, published.ended);
    Ok(())
}
