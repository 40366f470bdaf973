//! One slice: a part of a replay's range, in the order of the ids, kept as it goes.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use xzepr_cloudevents::REPLAY_HEADER;
use xzepr_domain::{Event, EventId, Replay, ReplayState};
use xzepr_publishing::{Outcome, Publication, Publisher};
use xzepr_store::{Key, StoreError, Table, UnknownShape};

use crate::pace::Pace;

/// How long a replay may go without a checkpoint where there is nothing to publish.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);

/// How long a replay rests when Kafka does not take its events, before its next slice tries again.
const REST: Duration = Duration::from_secs(5);

/// An invocation's work on one replay.
pub(crate) struct Slice<'a> {
    pub(crate) table: &'a Table,
    pub(crate) publisher: &'a mut Publisher,
    pub(crate) pace: Pace,
    pub(crate) replay: Replay,
    /// When the next invocation takes over.
    pub(crate) hand_over: Instant,
    /// When this invocation has to end.
    pub(crate) ends: Instant,
}

type Item = (EventId, Result<Event, UnknownShape>);

impl Slice<'_> {
    /// Works to the range's end, or until it is time to hand over, or until the replay is another's: it was
    /// cancelled, or a later slice is at work.
    pub(crate) async fn run(mut self) -> Result<(), StoreError> {
        let mut checkpoint = Instant::now();
        loop {
            let page = self.table.events(self.replay.range, self.replay.position).await?;
            let mut events = page.events.into_iter();
            loop {
                let chunk: Vec<_> = events.by_ref().take(self.pace.chunk()).collect();
                if chunk.is_empty() {
                    break;
                }
                if Instant::now() >= self.hand_over {
                    return self.hand_over().await;
                }
                let took_all = self.publish(chunk).await;
                if !took_all {
                    sleep(REST.min(self.ends.saturating_duration_since(Instant::now()))).await;
                    return self.hand_over().await;
                }
                if !self.table.checkpoint(&self.replay).await? {
                    return self.stop();
                }
                checkpoint = Instant::now();
            }
            self.replay.position = page.position;
            if page.position.is_none() {
                return self.end().await;
            }
            if Instant::now() >= self.hand_over {
                return self.hand_over().await;
            }
            // Empty days move a replay too.
            if checkpoint.elapsed() >= CHECKPOINT_EVERY {
                if !self.table.checkpoint(&self.replay).await? {
                    return self.stop();
                }
                checkpoint = Instant::now();
            }
        }
    }

    /// Publishes what the filter means, up to the first that Kafka does not take. Whether it took all.
    async fn publish(&mut self, chunk: Vec<Item>) -> bool {
        let ids: Vec<_> = chunk.iter().map(|(id, _)| *id).collect();
        let (indices, publications): (Vec<_>, Vec<_>) = chunk
            .into_iter()
            .enumerate()
            .filter(|(_, (_, item))| self.is_meant(item.as_ref().ok()))
            .map(|(index, (id, item))| (index, self.publication(Key::event(id), item)))
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
        let read = failed.map_or(ids.len(), |failed| indices[failed]);
        counts.read += count(read);
        self.replay.position = read.checked_sub(1).map(|last| ids[last]).or(self.replay.position);
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

    fn publication(&self, key: Key, item: Result<Event, UnknownShape>) -> Publication {
        Publication::new(key, item).with_header(REPLAY_HEADER, self.replay.id.to_string())
    }

    async fn hand_over(self) -> Result<(), StoreError> {
        if !self.table.start_next_slice(&self.replay).await? {
            return self.stop();
        }
        Ok(())
    }

    async fn end(mut self) -> Result<(), StoreError> {
        self.replay.position = Some(self.replay.range.last_id());
        if !self.table.end_replay(&self.replay, ReplayState::Done).await? {
            return self.stop();
        }
        let counts = &self.replay.counts;
        tracing::info!(
            replay = self.replay.id.to_string(),
            read = counts.read,
            published = counts.published,
            dead_lettered = counts.dead_lettered,
            "replay ended"
        );
        Ok(())
    }

    fn stop(&self) -> Result<(), StoreError> {
        tracing::info!(replay = self.replay.id.to_string(), "cancelled, or taken over by a later slice");
        Ok(())
    }
}

fn count(events: usize) -> u64 {
    u64::try_from(events).unwrap_or(u64::MAX)
}
