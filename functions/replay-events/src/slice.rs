//! One slice: a part of a replay's range, in the order of the ids, kept as it goes.

use std::time::Duration;

use chrono::Utc;
use serde::Serialize;
use tokio::time::{Instant, sleep};
use xzepr_domain::{Event, Position, Replay, ReplayId, ReplayState};
use xzepr_publishing::{Outcome, Publication, Publisher};
use xzepr_store::{PageItem, StoreError, Table};

use crate::pace::Pace;

/// How long a replay may go without a checkpoint where there is nothing to publish.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);

/// How long a replay rests when Kafka does not take its events, before it tries again: twice as long each time,
/// since every attempt reads the table again.
const REST: Duration = Duration::from_secs(5);
const MAX_REST: Duration = Duration::from_secs(60);

/// An invocation's work on one replay, whose lease it has.
pub(crate) struct Slice<'a> {
    pub(crate) table: &'a Table,
    pub(crate) publisher: &'a mut Publisher,
    pub(crate) pace: Pace,
    pub(crate) lease: Duration,
    pub(crate) replay: Replay,
    /// When the last events may be given to Kafka.
    pub(crate) last_publish: Instant,
    /// When this invocation has to end.
    pub(crate) ends: Instant,
}

/// How the work of an invocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ended {
    /// The range's end is reached.
    Done,
    /// The invocation's time is over: the next one goes on.
    Released,
    /// The replay was cancelled, or another invocation has taken it.
    Lost,
    /// Another invocation works on it.
    IsTaken,
    /// It was done or cancelled before.
    BeforeItBegan,
}

impl Slice<'_> {
    /// Works to the range's end, or until the time is over, or until the replay is not this invocation's.
    pub(crate) async fn run(mut self) -> Result<Ended, StoreError> {
        let renewal = renew(self.table, self.replay.id, self.replay.slice, self.lease);
        tokio::select! {
            ended = self.work() => ended,
            () = renewal => Ok(Ended::Lost),
        }
    }

    async fn work(&mut self) -> Result<Ended, StoreError> {
        let table = self.table;
        let mut reader = table.events(self.replay.range, self.replay.position.clone());
        let (mut checkpoint, mut rest) = (Instant::now(), REST);
        loop {
            let page = reader.next(self.pace.chunk()).await?;
            if Instant::now() >= self.last_publish {
                return self.release().await;
            }
            let has_items = !page.items.is_empty();
            if !self.publish(page.items).await {
                if !self.checkpoint().await? {
                    return Ok(Ended::Lost);
                }
                sleep(rest.min(self.ends.saturating_duration_since(Instant::now()))).await;
                rest = (rest * 2).min(MAX_REST);
                reader = table.events(self.replay.range, self.replay.position.clone());
                continue;
            }
            rest = REST;
            let Some(position) = page.position else { return self.end().await };
            self.replay.progress(Some(position), Utc::now());
            // Empty days move a replay too.
            if has_items || checkpoint.elapsed() >= CHECKPOINT_EVERY {
                if !self.checkpoint().await? {
                    return Ok(Ended::Lost);
                }
                checkpoint = Instant::now();
            }
        }
    }

    /// Publishes the items that the filter means, up to the first that Kafka does not take. Whether it took
    /// all.
    async fn publish(&mut self, items: Vec<PageItem>) -> bool {
        let keys: Vec<_> = items.iter().map(|item| (item.key.clone(), item.event.is_err())).collect();
        let (indices, publications): (Vec<_>, Vec<_>) = items
            .into_iter()
            .enumerate()
            .filter(|(_, item)| self.is_meant(item.event.as_ref().ok()))
            .map(|(index, item)| (index, self.publication(item)))
            .unzip();
        let outcomes = if self.replay.dry_run {
            publications.iter().map(|_| Outcome::Published).collect()
        } else {
            self.pace.wait_for(publications.len()).await;
            let within = self.ends.saturating_duration_since(Instant::now());
            self.publisher.publish(&publications, within).await
        };
        let failed = outcomes.iter().position(|outcome| matches!(outcome, Outcome::Failed(_)));
        let done = failed.unwrap_or(outcomes.len());
        let counts = &mut self.replay.counts;
        counts.matched += count(done);
        for outcome in &outcomes[..done] {
            match outcome {
                Outcome::DeadLettered(_) => counts.dead_lettered += 1,
                _ if self.replay.dry_run => {}
                _ => counts.published += 1,
            }
        }
        // Everything before the first that failed is done.
        let read = failed.map_or(keys.len(), |failed| indices[failed]);
        counts.read += count(read);
        for (key, _) in keys[..read].iter().filter(|(_, is_foreign)| *is_foreign) {
            let key = key.to_string();
            tracing::warn!(replay = self.replay.id.to_string(), key, "an item of the range is no event");
            self.replay.add_foreign(key);
        }
        if let Some((last, _)) = keys[..read].last() {
            self.replay.progress(Some(Position::of(last.sort.clone())), Utc::now());
        }
        let Some(Outcome::Failed(failure)) = failed.map(|failed| &outcomes[failed]) else {
            self.replay.last_error = None;
            return true;
        };
        tracing::error!(replay = self.replay.id.to_string(), "could not publish, and tries again: {failure}");
        self.replay.counts.failures += 1;
        self.replay.last_error =
            Some("Kafka does not take events at the moment; the log of replay-events says why.".to_owned());
        false
    }

    /// An item that is no event is meant where all are: it becomes a dead letter, as from the stream.
    fn is_meant(&self, event: Option<&Event>) -> bool {
        let filter = &self.replay.filter;
        let of_event = match event {
            Some(event) => {
                filter.r#type.as_ref().is_none_or(|name| **name == *event.name)
                    && filter.receiver.is_none_or(|receiver| receiver == event.event_receiver_id)
            }
            None => filter.r#type.is_none() && filter.receiver.is_none(),
        };
        of_event && filter.topic.as_ref().is_none_or(|topic| topic == self.publisher.topic())
    }

    fn publication(&self, item: PageItem) -> Publication {
        Publication::new(item.key, item.event).replayed_by(self.replay.id)
    }

    async fn checkpoint(&self) -> Result<bool, StoreError> {
        self.table.checkpoint(&self.replay, self.lease).await
    }

    async fn release(&self) -> Result<Ended, StoreError> {
        let is_ours = self.table.release_replay(&self.replay).await?;
        Ok(if is_ours { Ended::Released } else { Ended::Lost })
    }

    async fn end(&mut self) -> Result<Ended, StoreError> {
        self.replay.progress(Some(self.replay.range.last_id().into()), Utc::now());
        if !self.table.end_replay(&self.replay, ReplayState::Done).await? {
            return Ok(Ended::Lost);
        }
        let counts = &self.replay.counts;
        tracing::info!(
            replay = self.replay.id.to_string(),
            read = counts.read,
            published = counts.published,
            dead_lettered = counts.dead_lettered,
            foreign = counts.foreign,
            "replay ended"
        );
        Ok(Ended::Done)
    }
}

/// Renews the lease while the work takes its time; ends when the replay was cancelled or taken.
async fn renew(table: &Table, replay: ReplayId, slice: u64, lease: Duration) {
    loop {
        sleep(lease / 3).await;
        match table.renew_lease(replay, slice, lease).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(replay = replay.to_string(), "could not renew the lease of a replay: {error}");
            }
        }
    }
}

fn count(events: usize) -> u64 {
    u64::try_from(events).unwrap_or(u64::MAX)
}
