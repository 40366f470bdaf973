//! The items of one page that a replay has read, and its position after them.

use chrono::Utc;
use xzepr_domain::{Position, Replay};
use xzepr_store::{Key, PageItem};

pub(crate) struct ReadItems(Vec<ReadItem>);

struct ReadItem {
    key: Key,
    is_foreign: bool,
}

impl From<&[PageItem]> for ReadItems {
    fn from(page: &[PageItem]) -> Self {
        let item = |item: &PageItem| ReadItem { key: item.key.clone(), is_foreign: item.event.is_err() };
        Self(page.iter().map(item).collect())
    }
}

impl ReadItems {
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The sort key of an item, which is the id of an event.
    pub(crate) fn sort_key(&self, index: usize) -> &str {
        &self.0[index].key.sort
    }

    /// Adds the first items, as many as are done, to the counts of the replay, and moves its position behind them.
    pub(crate) fn add_to(&self, replay: &mut Replay, done: usize) {
        for ReadItem { key, .. } in self.0[..done].iter().filter(|item| item.is_foreign) {
            let key = key.to_string();
            tracing::warn!(replay = replay.id.to_string(), key, "an item of the range is no event");
            replay.add_foreign(key);
        }
        replay.counts.read += u64::try_from(done).unwrap_or(u64::MAX);
        if let Some(last) = self.0[..done].last() {
            replay.progress(Some(Position::of(last.key.sort.clone())), Utc::now());
        }
    }
}
