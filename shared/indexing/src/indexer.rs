//! Indexes the events of a batch.

use std::{cell::Cell, collections::HashMap};

use futures_util::{StreamExt, future::join, stream};
use tokio::time::{Instant, timeout_at};
use xzepr_domain::{Artifact, Event};
use xzepr_store::{Index, Key, Table};
use xzepr_telemetry::metrics::{
    definitions::{EVENTS_INDEXED, EVENTS_UNINDEXED},
    record,
};

use crate::{
    groups::Groups,
    outcome::{Failure, Outcome},
    store::{Store, Tables},
};

/// How many artifacts are evaluated at once, and how many items of the table are restored at once.
const AT_ONCE: usize = 16;

/// The search items of so many events are written together, and those of so many parts of a batch at once. The parts that are
/// written before a table fails are done. A batch that is written as a whole would never end while the index takes only a
/// part of it before it throttles, since each retry begins again.
const PART: usize = 50;
const PARTS_AT_ONCE: usize = 2;

/// Writes the search items of events, and evaluates their gates. A process has one indexer.
#[derive(Debug)]
pub struct Indexer<S = Tables> {
    pub(crate) store: S,
    pub(crate) groups: Groups,
}

impl Indexer {
    /// An indexer of this table's events. Sends nothing.
    pub fn new(table: Table, index: Index) -> Self {
        Self::of(Tables { table, index })
    }
}

impl<S: Store> Indexer<S> {
    /// An indexer with these reads and writes.
    pub fn of(store: S) -> Self {
        Self { store, groups: Groups::default() }
    }

    /// Indexes events until this time, and returns one outcome for each, in their order. The events of one artifact are
    /// evaluated in their order, those of different artifacts at the same time. The search items are written at the same
    /// time too, so that a completion does not wait for them.
    pub async fn index(&self, events: &[Event], until: Instant) -> Vec<Outcome> {
        let outcomes = self.write(events, until).await;
        report(events, &outcomes);
        outcomes
    }

    async fn write(&self, events: &[Event], until: Instant) -> Vec<Outcome> {
        let (evaluated, written) =
            join(self.evaluate_all(events, until), self.write_search_items(events, until)).await;
        evaluated.into_iter().zip(written).map(|(evaluated, written)| evaluated.or(written)).collect()
    }

    /// Writes the search items of events in their order. After a failure the others wait, since all of them are sent again.
    async fn write_search_items(&self, events: &[Event], until: Instant) -> Vec<Outcome> {
        let has_failed = Cell::new(false);
        let parts: Vec<_> = stream::iter(events.chunks(PART))
            .map(|part| {
                let has_failed = &has_failed;
                async move {
                    if has_failed.get() {
                        return vec![Outcome::Failed(Failure::Behind); part.len()];
                    }
                    let written =
                        Outcome::from(match timeout_at(until, self.store.put_search_items(part)).await {
                            Ok(written) => written.map_err(Failure::from),
                            Err(_) => Err(Failure::OutOfTime),
                        });
                    has_failed.set(has_failed.get() || matches!(written, Outcome::Failed(_)));
                    vec![written; part.len()]
                }
            })
            .buffered(PARTS_AT_ONCE)
            .collect()
            .await;
        parts.into_iter().flatten().collect()
    }

    /// Indexes events that were indexed before, and restores the items of the table that follow from events of the system.
    /// Those come first: a completion must be known before its gate is evaluated again.
    pub async fn rebuild(&self, events: &[Event], until: Instant) -> Vec<Outcome> {
        let restored: Vec<_> =
            stream::iter(events).map(|event| self.restore(event, until)).buffered(AT_ONCE).collect().await;
        if let Some(failed) = restored.iter().find(|outcome| matches!(outcome, Outcome::Failed(_))) {
            return events.iter().map(|_| failed.clone()).collect();
        }
        let indexed = self.write(events, until).await;
        let outcomes: Vec<_> =
            restored.into_iter().zip(indexed).map(|(restored, indexed)| indexed.or(restored)).collect();
        report(events, &outcomes);
        outcomes
    }

    async fn restore(&self, event: &Event, until: Instant) -> Outcome {
        if event.kind.is_callers() {
            return Outcome::Indexed;
        }
        match timeout_at(until, self.store.restore(event)).await {
            Ok(restored) => restored.map_err(Failure::from).into(),
            Err(_) => Failure::OutOfTime.into(),
        }
    }

    async fn evaluate_all(&self, events: &[Event], until: Instant) -> Vec<Outcome> {
        let mut outcomes: Vec<_> = events.iter().map(|_| Outcome::Indexed).collect();
        let evaluated: Vec<_> = stream::iter(by_artifact(events))
            .map(|indices| self.evaluate_in_order(events, indices, until))
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        for (index, outcome) in evaluated.into_iter().flatten() {
            outcomes[index] = outcome;
        }
        outcomes
    }

    /// Evaluates the events with these indices, which are of one artifact. After a failure the others wait, since all of
    /// them are sent again.
    async fn evaluate_in_order(
        &self,
        events: &[Event],
        indices: Vec<usize>,
        until: Instant,
    ) -> Vec<(usize, Outcome)> {
        let mut has_failed = false;
        let mut outcomes = Vec::with_capacity(indices.len());
        for index in indices {
            let outcome = if has_failed {
                Outcome::Failed(Failure::Behind)
            } else {
                match timeout_at(until, self.evaluate(&events[index])).await {
                    Ok(evaluated) => evaluated.into(),
                    Err(_) => Failure::OutOfTime.into(),
                }
            };
            has_failed |= matches!(outcome, Outcome::Failed(_));
            outcomes.push((index, outcome));
        }
        outcomes
    }
}

/// The indices of the callers' events of each artifact, in the order of their first events.
fn by_artifact(events: &[Event]) -> Vec<Vec<usize>> {
    let mut positions = HashMap::<Artifact, usize>::new();
    let mut artifacts = Vec::<Vec<usize>>::new();
    for (index, event) in events.iter().enumerate().filter(|(_, event)| event.kind.is_callers()) {
        let position = *positions.entry(event.artifact()).or_insert(artifacts.len());
        match artifacts.get_mut(position) {
            Some(indices) => indices.push(index),
            None => artifacts.push(vec![index]),
        }
    }
    artifacts
}

/// Counts the events, and logs those that can never be indexed.
fn report(events: &[Event], outcomes: &[Outcome]) {
    let mut indexed = 0;
    for (event, outcome) in events.iter().zip(outcomes) {
        match outcome {
            Outcome::Indexed => indexed += 1,
            Outcome::Unindexed(failure) => {
                let key = Key::event(event.id).to_string();
                tracing::error!(key, "an event can never be indexed: {failure}");
                record(EVENTS_UNINDEXED.of(1));
            }
            Outcome::Failed(_) => {}
        }
    }
    record(EVENTS_INDEXED.of(indexed));
}
