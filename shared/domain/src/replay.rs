//! A replay: a time range of events, published again.

use serde::{Deserialize, Serialize};

use crate::{EventId, ReceiverId, ReplayId, TimeRange};

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
    /// Numbers the invocation that works on it: each takes one slice and starts the next.
    pub slice: u64,
    /// Everything up to this id is done.
    pub position: Option<EventId>,
    /// What it has done so far.
    pub counts: ReplayCounts,
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
            position: None,
            counts: ReplayCounts::default(),
            last_error: None,
        }
    }
}
