//! One day of a time range. Its partitions are merged.

use std::mem;

use futures_util::{StreamExt, TryStreamExt, stream};
use xzepr_domain::EventId;

use super::{PageItem, event, partition::Partition};
use crate::{
    error::StoreError,
    keys::{Key, LAST_CHARACTERS},
    table::{Item, Table},
};

/// How many queries run at once. Each can return a megabyte, and a small function has a share of one CPU.
const QUERIES: usize = 4;

/// A page ends when its items have this many bytes, so that the size of a batch for Kafka is bounded.
const PAGE_BYTES: usize = 4 * 1024 * 1024;

pub(super) struct Day {
    /// The first sort key.
    from: String,
    last: EventId,
    partitions: Vec<Partition>,
    /// Items that are merged and not yet returned. They are kept here, so that a failed query loses none.
    merged: Vec<PageItem>,
    merged_bytes: usize,
}

impl Day {
    /// The items of the day of `first` with sort keys from `from` to `last`.
    pub(super) fn new(first: EventId, from: String, last: EventId) -> Self {
        let partitions =
            LAST_CHARACTERS.chars().map(|character| Partition::new(Key::event_partition(first, character)));
        Self { from, last, partitions: partitions.collect(), merged: Vec::new(), merged_bytes: 0 }
    }

    pub(super) fn last(&self) -> EventId {
        self.last
    }

    pub(super) fn is_read(&self) -> bool {
        self.partitions.iter().all(Partition::is_empty)
    }

    /// The next items, at most `limit`.
    pub(super) async fn next(&mut self, table: &Table, limit: usize) -> Result<Vec<PageItem>, StoreError> {
        while self.merged.len() < limit && self.merged_bytes < PAGE_BYTES && !self.is_read() {
            self.fill(table).await?;
            self.merge(limit);
        }
        self.merged_bytes = 0;
        Ok(mem::take(&mut self.merged))
    }

    /// Queries every partition that has no known item and may have a next one.
    async fn fill(&mut self, table: &Table) -> Result<(), StoreError> {
        let (from, last) = (&*self.from, &*self.last.to_string());
        stream::iter(self.partitions.iter_mut().filter(|partition| partition.needs_query()))
            .map(|partition| partition.fill(table, from, last))
            .buffer_unordered(QUERIES)
            .try_collect()
            .await
    }

    /// Moves items to `merged`, in order, until a partition must be queried, since it may have the next item.
    fn merge(&mut self, limit: usize) {
        while self.merged.len() < limit && self.merged_bytes < PAGE_BYTES {
            if self.partitions.iter().any(Partition::needs_query) {
                return;
            }
            let lowest = self
                .partitions
                .iter_mut()
                .filter_map(|partition| Some((partition.next_key()?, partition)))
                // A position is a sort key. Of several items with one sort key, the event is the first. So a reader
                // that continues after this position can miss only foreign items.
                .min_by_key(|(key, _)| (key.sort.clone(), key.event_id().is_none()));
            let Some((key, partition)) = lowest else { return };
            let Some(item) = partition.pop() else { return };
            self.merged_bytes += size(&item);
            self.merged.push(PageItem { key, event: event(item) });
        }
    }
}

/// The bytes of an item's texts, which are nearly all of its bytes.
fn size(item: &Item) -> usize {
    item.values().filter_map(|value| value.as_s().ok()).map(String::len).sum()
}
