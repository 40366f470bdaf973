//! A slice: one invocation's part of a replay. It brings events to their target in the order of the ids, with a
//! checkpoint after each chunk.

use std::time::Duration;

use chrono::Utc;
use serde::Serialize;
use tokio::time::{Instant, sleep};
use xzepr_domain::{Replay, ReplayId};
use xzepr_store::{Ownership, PageItem, StoreError};
use xzepr_telemetry::metrics::emit;

use crate::{
    pace::Pace,
    store::{KeepProgress, ReadEvents, ReadPage},
    target::{Target, Waits},
};

/// The longest time without a checkpoint while the slice reads no items.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);

/// The pause before the first retry while the target is unavailable. It doubles each time, since every retry reads the
/// table.
const PAUSE: Duration = Duration::from_secs(5);
const MAX_PAUSE: Duration = Duration::from_secs(60);

/// The work of one invocation on the replay that it has leased.
pub(crate) struct Slice<'a, T, D> {
    pub(crate) table: &'a T,
    pub(crate) target: D,
    pub(crate) pace: Pace,
    pub(crate) lease: Duration,
    pub(crate) replay: Replay,
    /// After this time, no events are brought to the target.
    pub(crate) last_page: Instant,
    /// The end of the invocation.
    pub(crate) ends: Instant,
}

/// How the work of an invocation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ended {
    /// The replay has reached the end of its range.
    Done,
    /// The invocation has no time left. The next one continues.
    Released,
    /// The replay was cancelled, or another invocation has its lease.
    Lost,
    /// Another invocation had the lease, so this one did nothing.
    #[serde(rename = "is-taken")]
    AlreadyLeased,
    /// The replay was done or cancelled before this invocation began.
    BeforeItBegan,
}

impl<T: ReadEvents + KeepProgress, D: Target> Slice<'_, T, D> {
    /// Works until the range ends, the time is over, or the replay no longer belongs to this slice.
    pub(crate) async fn run(mut self) -> Result<Ended, StoreError> {
        let renewal = renew_until_lost(self.table, self.replay.id, self.replay.slice, self.lease);
        tokio::select! {
            ended = self.work() => ended,
            () = renewal => Ok(Ended::Lost),
        }
    }

    async fn work(&mut self) -> Result<Ended, StoreError> {
        let table = self.table;
        let mut pages = table.pages(self.replay.range, self.replay.position.clone());
        let (mut last_checkpoint, mut pause) = (Instant::now(), PAUSE);
        loop {
            let page = pages.next(self.pace.chunk()).await?;
            if Instant::now() >= self.last_page {
                return self.release().await;
            }
            let has_items = !page.items.is_empty();
            if let Err(waits) = self.bring(page.items).await {
                self.add_failure(waits);
                if self.checkpoint().await? == Ownership::Lost {
                    return Ok(Ended::Lost);
                }
                sleep(pause.min(self.ends.saturating_duration_since(Instant::now()))).await;
                pause = (pause * 2).min(MAX_PAUSE);
                pages = table.pages(self.replay.range, self.replay.position.clone());
                continue;
            }
            pause = PAUSE;
            self.replay.last_error = None;
            let Some(position) = page.position else { return self.end().await };
            self.replay.progress(Some(position), Utc::now());
            // The position also moves over days without events.
            if has_items || last_checkpoint.elapsed() >= CHECKPOINT_EVERY {
                if self.checkpoint().await? == Ownership::Lost {
                    return Ok(Ended::Lost);
                }
                last_checkpoint = Instant::now();
            }
        }
    }

    async fn bring(&mut self, items: Vec<PageItem>) -> Result<(), Waits> {
        let brought = self.target.bring(items, &mut self.replay, &mut self.pace, self.ends).await;
        // The slice may last many minutes.
        emit([]);
        brought
    }

    fn add_failure(&mut self, Waits(cause): Waits) {
        self.replay.counts.failures += 1;
        self.replay.last_error = Some(format!("{cause}; the log of replay-events says why."));
    }

    async fn checkpoint(&self) -> Result<Ownership, StoreError> {
        self.table.checkpoint(&self.replay, self.lease).await
    }

    async fn release(&self) -> Result<Ended, StoreError> {
        Ok(match self.table.release(&self.replay).await? {
            Ownership::Kept => Ended::Released,
            Ownership::Lost => Ended::Lost,
        })
    }

    async fn end(&mut self) -> Result<Ended, StoreError> {
        self.replay.progress(Some(self.replay.range.last_id().into()), Utc::now());
        if self.table.end(&self.replay).await? == Ownership::Lost {
            return Ok(Ended::Lost);
        }
        let counts = &self.replay.counts;
        tracing::info!(
            replay = self.replay.id.to_string(),
            read = counts.read,
            target = self.replay.target.as_str(),
            published = counts.published,
            indexed = counts.indexed,
            skipped = counts.skipped,
            unrouted = counts.unrouted,
            dead_lettered = counts.dead_lettered,
            foreign = counts.foreign,
            "replay ended"
        );
        Ok(Ended::Done)
    }
}

/// Renews the lease during the work. Returns only when the replay no longer belongs to the slice.
async fn renew_until_lost(table: &impl KeepProgress, replay: ReplayId, slice: u64, lease: Duration) {
    loop {
        sleep(lease / 3).await;
        match table.renew_lease(replay, slice, lease).await {
            Ok(Ownership::Kept) => {}
            Ok(Ownership::Lost) => return,
            Err(error) => {
                tracing::warn!(replay = replay.to_string(), "could not renew the lease of a replay: {error}");
            }
        }
    }
}

#[cfg(test)]
mod tests;
