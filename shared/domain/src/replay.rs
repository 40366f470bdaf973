//! A replay: a time range of events, published again.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Position, ReceiverId, ReplayId, TimeRange};

/// How many foreign items a replay names: its own item is written at every checkpoint.
const MAX_FOREIGN_NAMED: usize = 20;

/// Which events of the range are meant; an absent part means all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplayFilter {
    /// The events' type, which is their name.
    pub r#type: Option<String>,
    /// The events' receiver.
    pub receiver: Option<ReceiverId>,
    /// The topic that they go to.
    pub topic: Option<String>,
}

/// How far a replay is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplayState {
    /// It goes on, or waits for Kafka.
    Running,
    /// The range's end is reached.
    Done,
    /// An operator ended it.
    Cancelled,
}

/// What a replay has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayCounts {
    /// Events read from the table.
    pub read: u64,
    /// Events of those that the filter means.
    pub matched: u64,
    /// Events of those that are on their topic again.
    pub published: u64,
    /// Events of those that can never be published, and are dead letters.
    pub dead_lettered: u64,
    /// Attempts that ended because Kafka did not take an event; it is tried again.
    pub failures: u64,
    /// Items among those read that are no event. A replay that began with an earlier release has counted none.
    #[serde(default)]
    pub foreign: u64,
}

/// A replay, as far as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// Names it in the API and in the header `xzepr-replay` of what it publishes.
    pub id: ReplayId,
    /// The events' time range.
    pub range: TimeRange,
    /// Which of them.
    pub filter: ReplayFilter,
    /// Whether it only counts.
    pub dry_run: bool,
    /// How far it is.
    pub state: ReplayState,
    /// Numbers the invocation that works on it: each takes the next slice, and ends those before it.
    pub slice: u64,
    /// Until then, in milliseconds since 1970, no other invocation takes a slice; 0 when none is at work.
    pub leased_until_ms: u64,
    /// Everything up to here is done.
    pub position: Option<Position>,
    /// When the position last moved, in milliseconds since 1970; 0 when it has not.
    pub progressed_at_ms: u64,
    /// What it has done so far.
    pub counts: ReplayCounts,
    /// The first of the foreign items, by their keys.
    pub foreign: Vec<String>,
    /// What kept the last attempt from going on, for the operator.
    pub last_error: Option<String>,
}

impl Replay {
    /// A replay that has not begun.
    pub fn new(range: TimeRange, filter: ReplayFilter, dry_run: bool) -> Self {
        Self {
            id: ReplayId::generate(),
            range,
            filter,
            dry_run,
            state: ReplayState::Running,
            slice: 0,
            leased_until_ms: 0,
            position: None,
            progressed_at_ms: 0,
            counts: ReplayCounts::default(),
            foreign: Vec::new(),
            last_error: None,
        }
    }

    /// Whether an invocation works on it.
    pub fn is_leased(&self, now: DateTime<Utc>) -> bool {
        self.leased_until_ms > milliseconds(now)
    }

    /// Everything up to this position is done, as of now.
    pub fn progress(&mut self, position: Option<Position>, now: DateTime<Utc>) {
        if self.position != position {
            self.position = position;
            self.progressed_at_ms = milliseconds(now);
        }
    }

    /// Counts an item that is no event, and names it if it is among the first.
    pub fn add_foreign(&mut self, key: String) {
        self.counts.foreign += 1;
        if self.foreign.len() < MAX_FOREIGN_NAMED {
            self.foreign.push(key);
        }
    }

    /// For how long its position has not moved.
    pub fn stands_for(&self, now: DateTime<Utc>) -> Duration {
        let started_ms = self.id.time().map_or(0, milliseconds);
        let since_ms = started_ms.max(self.progressed_at_ms);
        Duration::from_millis(milliseconds(now).saturating_sub(since_ms))
    }
}

fn milliseconds(time: DateTime<Utc>) -> u64 {
    u64::try_from(time.timestamp_millis()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replay_stands_from_its_start_or_its_last_progress_on() {
        let range = TimeRange::parse("2024-01-15T10:30:00Z", "2024-01-15T10:31:00Z").unwrap();
        let mut replay = Replay::new(range, ReplayFilter::default(), false);
        let started = replay.id.time().unwrap();
        let after = |seconds| started + chrono::TimeDelta::seconds(seconds);
        assert_eq!(replay.stands_for(after(90)), Duration::from_secs(90));
        replay.progress(Some(Position::of("01HJ")), after(60));
        replay.progress(Some(Position::of("01HJ")), after(80));
        assert_eq!(replay.stands_for(after(90)), Duration::from_secs(30));
    }

    #[test]
    fn foreign_items_are_all_counted_and_some_are_named() {
        let range = TimeRange::parse("2024-01-15T10:30:00Z", "2024-01-15T10:31:00Z").unwrap();
        let mut replay = Replay::new(range, ReplayFilter::default(), false);
        (0..50).for_each(|number| replay.add_foreign(number.to_string()));
        assert_eq!((replay.counts.foreign, replay.foreign.len()), (50, MAX_FOREIGN_NAMED));
    }
}
