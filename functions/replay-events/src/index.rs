//! Replays to the index. They need no connection to Kafka.

use tokio::time::Instant;
use xzepr_domain::{Event, Replay};
use xzepr_indexing::{Indexer, Outcome};
use xzepr_store::PageItem;

use crate::{
    pace::Pace,
    read_items::ReadItems,
    target::{Target, Waits},
};

/// Indexes events that were indexed before.
pub(crate) trait Rebuild {
    /// Returns one outcome for each event, in their order, until this time.
    async fn rebuild(&self, events: &[Event], until: Instant) -> Vec<Outcome>;
}

// Without the box, the future of the function would exceed the compiler's limit for the depth of a type.
impl Rebuild for Indexer {
    async fn rebuild(&self, events: &[Event], until: Instant) -> Vec<Outcome> {
        Box::pin(self.rebuild(events, until)).await
    }
}

/// Writes the search items of all events, and evaluates their gates.
pub(crate) struct Index<'a, I>(pub(crate) &'a I);

impl<I: Rebuild> Target for Index<'_, I> {
    async fn bring(
        &mut self,
        items: Vec<PageItem>,
        replay: &mut Replay,
        pace: &mut Pace,
        ends: Instant,
    ) -> Result<(), Waits> {
        let read = ReadItems::from(&*items);
        let (indices, events): (Vec<_>, Vec<_>) =
            items.into_iter().enumerate().filter_map(|(index, item)| Some((index, item.event.ok()?))).unzip();
        pace.wait_for(events.len()).await;
        let outcomes = self.0.rebuild(&events, ends).await;
        let (mut done, mut result) = (read.len(), Ok(()));
        for (index, outcome) in indices.into_iter().zip(outcomes) {
            match outcome {
                Outcome::Indexed => replay.counts.indexed += 1,
                // The indexer has logged it.
                Outcome::Unindexed(_) => {}
                Outcome::Failed(failure) => {
                    let (replay, event_id) = (replay.id.to_string(), read.sort_key(index));
                    tracing::error!(replay, event_id, "could not index, and will retry: {failure}");
                    done = index;
                    result = Err(Waits("A table does not respond at the moment"));
                    break;
                }
            }
            replay.counts.matched += 1;
        }
        read.add_to(replay, done);
        result
    }
}

#[cfg(test)]
mod tests;
