//! What is told of a replay.

use serde::Serialize;
use xzepr_domain::{EventId, Position, Replay, ReplayCounts, ReplayState};

/// The answer's `data`.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Report {
    /// A replay's id.
    Id(String),
    /// How far a replay is.
    Progress(Box<Progress>),
}

#[derive(Debug, Serialize)]
pub(crate) struct Progress {
    id: String,
    state: ReplayState,
    start: String,
    end: String,
    r#type: Option<String>,
    receiver: Option<String>,
    topic: Option<String>,
    dry_run: bool,
    started_at: String,
    /// Everything before this time has been looked at.
    position: Option<String>,
    counts: ReplayCounts,
    /// The keys of the first items that are no event.
    foreign: Vec<String>,
    /// What kept the last attempt from going on.
    errors: Vec<String>,
}

impl From<&Replay> for Report {
    fn from(replay: &Replay) -> Self {
        let (start, end) = replay.range.to_texts();
        Self::Progress(Box::new(Progress {
            id: replay.id.to_string(),
            state: replay.state,
            start,
            end,
            r#type: replay.filter.r#type.clone(),
            receiver: replay.filter.receiver.map(|receiver| receiver.to_string()),
            topic: replay.filter.topic.clone(),
            dry_run: replay.dry_run,
            started_at: replay.id.created_at(),
            position: replay.position.as_ref().and_then(Position::last_id).map(EventId::created_at),
            counts: replay.counts,
            foreign: replay.foreign.clone(),
            errors: replay.last_error.iter().cloned().collect(),
        }))
    }
}
