//! Replays. A replay brings the events of a time range to Kafka or to the index again.

use std::{str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{CreatedBy, Position, ReceiverId, ReplayId, TimeRange};

/// The most foreign items that a replay names. They are bounded because each checkpoint writes the replay's item.
const MAX_FOREIGN_NAMED: usize = 20;

/// Where a replay brings its events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplayTarget {
    /// It publishes them.
    #[default]
    Kafka,
    /// It writes their search items, and evaluates their gates.
    Index,
}

impl ReplayTarget {
    /// Every target.
    pub const ALL: [Self; 2] = [Self::Kafka, Self::Index];

    /// Its name in requests and in items.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kafka => "kafka",
            Self::Index => "index",
        }
    }
}

impl FromStr for ReplayTarget {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|target| target.as_str() == text).ok_or(())
    }
}

/// Selects events of the range. A part that is absent selects all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplayFilter {
    /// The `type` of their messages.
    pub r#type: Option<String>,
    /// The receiver of the events.
    pub receiver: Option<ReceiverId>,
    /// The topic of the events.
    pub topic: Option<String>,
}

/// The state of a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReplayState {
    /// It continues, or waits for Kafka or a table.
    Running,
    /// It reached the end of its range.
    Done,
    /// An operator cancelled it.
    Cancelled,
}

/// The progress of a replay in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplayCounts {
    /// Events read from the table.
    pub read: u64,
    /// Events that the filter selected.
    pub matched: u64,
    /// Selected events that were published again.
    pub published: u64,
    /// Selected events that were indexed again.
    #[serde(default)]
    pub indexed: u64,
    /// Selected events that have no message in the configured format.
    #[serde(default)]
    pub skipped: u64,
    /// Selected events that no route matches.
    #[serde(default)]
    pub unrouted: u64,
    /// Selected events that can never be published, or not by every route, and became dead letters.
    pub dead_lettered: u64,
    /// Attempts that ended because Kafka or a table did not accept an event. They are retried.
    pub failures: u64,
    /// Items that were read and are not events. A replay that an earlier release started has not counted them.
    #[serde(default)]
    pub foreign: u64,
}

/// A replay and its progress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// Identifies the replay in the API, and in the header `xzepr-replay` of its messages.
    pub id: ReplayId,
    /// The time range of the events.
    pub range: TimeRange,
    /// Where it brings the events.
    pub target: ReplayTarget,
    /// Selects events of the range.
    pub filter: ReplayFilter,
    /// Whether it only counts the events and publishes nothing.
    pub dry_run: bool,
    /// Who started it. It is `None` without an authorizer, and if the registry itself started it.
    pub created_by: Option<CreatedBy>,
    /// Its state.
    pub state: ReplayState,
    /// The number of the invocation that works on it. Each invocation takes the next slice. Invocations with an earlier
    /// slice then end.
    pub slice: u64,
    /// The end of the lease, in milliseconds since 1970, or 0 without a lease. Until then no other invocation takes a
    /// slice.
    pub leased_until_ms: u64,
    /// The last checkpoint. All items up to here are done.
    pub position: Option<Position>,
    /// The time at which the position last moved, in milliseconds since 1970, or 0 if it has not.
    pub progressed_at_ms: u64,
    /// Its progress in numbers.
    pub counts: ReplayCounts,
    /// The keys of the first foreign items.
    pub foreign: Vec<String>,
    /// The reason why the last attempt failed, for the operator.
    pub last_error: Option<String>,
}

impl Replay {
    /// A replay to Kafka that has not started.
    pub fn new(range: TimeRange, filter: ReplayFilter, dry_run: bool) -> Self {
        Self {
            id: ReplayId::generate(),
            range,
            target: ReplayTarget::default(),
            filter,
            dry_run,
            created_by: None,
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

    /// Whether an invocation has the lease.
    pub fn is_leased(&self, now: DateTime<Utc>) -> bool {
        self.leased_until_ms > milliseconds(now)
    }

    /// Notes that all items up to this position are done, and the time at which the position moved.
    pub fn progress(&mut self, position: Option<Position>, now: DateTime<Utc>) {
        if self.position != position {
            self.position = position;
            self.progressed_at_ms = milliseconds(now);
        }
    }

    /// Counts an item that is not an event, and keeps its key if it is among the first.
    pub fn add_foreign(&mut self, key: String) {
        self.counts.foreign += 1;
        if self.foreign.len() < MAX_FOREIGN_NAMED {
            self.foreign.push(key);
        }
    }

    /// The time since its position last moved, or since its start.
    pub fn time_without_progress(&self, now: DateTime<Utc>) -> Duration {
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

    fn replay() -> Replay {
        let range = TimeRange::parse("2024-01-15T10:30:00Z", "2024-01-15T10:31:00Z").unwrap();
        Replay::new(range, ReplayFilter::default(), false)
    }

    #[test]
    fn a_replay_is_leased_until_its_lease_ends() {
        let (mut replay, now) = (replay(), Utc::now());
        assert!(!replay.is_leased(now));
        replay.leased_until_ms = milliseconds(now) + 1;
        assert!(replay.is_leased(now));
        assert!(!replay.is_leased(now + chrono::TimeDelta::milliseconds(1)));
    }

    #[test]
    fn the_standstill_counts_from_the_start_or_from_the_last_progress() {
        let mut replay = replay();
        let started = replay.id.time().unwrap();
        let after = |seconds| started + chrono::TimeDelta::seconds(seconds);
        assert_eq!(replay.time_without_progress(after(90)), Duration::from_secs(90));
        replay.progress(Some(Position::of("01HJ")), after(60));
        replay.progress(Some(Position::of("01HJ")), after(80));
        assert_eq!(replay.time_without_progress(after(90)), Duration::from_secs(30));
    }

    #[test]
    fn a_target_is_read_from_its_name() {
        for target in ReplayTarget::ALL {
            assert_eq!(target.as_str().parse(), Ok(target));
        }
        assert!("Kafka".parse::<ReplayTarget>().is_err());
    }

    #[test]
    fn all_foreign_items_are_counted_and_the_first_are_named() {
        let mut replay = replay();
        (0..50).for_each(|number| replay.add_foreign(number.to_string()));
        assert_eq!((replay.counts.foreign, replay.foreign.len()), (50, MAX_FOREIGN_NAMED));
    }
}
