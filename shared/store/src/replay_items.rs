//! The item of a replay.

use serde::{Deserialize, Serialize};
use xzepr_domain::{Replay, ReplayCounts, ReplayFilter, ReplayId, ReplayState, TimeRange};

use crate::{error::StoreError, keys::Key};

#[derive(Serialize, Deserialize)]
pub(crate) struct ReplayItem {
    pk: String,
    sk: String,
    start: String,
    end: String,
    r#type: Option<String>,
    receiver: Option<String>,
    topic: Option<String>,
    dry_run: bool,
    state: ReplayState,
    slice: u64,
    position: Option<String>,
    counts: ReplayCounts,
    last_error: Option<String>,
}

impl From<&Replay> for ReplayItem {
    fn from(replay: &Replay) -> Self {
        let key = Key::replay(replay.id);
        let (start, end) = replay.range.to_texts();
        Self {
            pk: key.partition,
            sk: key.sort,
            start,
            end,
            r#type: replay.filter.r#type.clone(),
            receiver: replay.filter.receiver.map(|receiver| receiver.to_string()),
            topic: replay.filter.topic.clone(),
            dry_run: replay.dry_run,
            state: replay.state,
            slice: replay.slice,
            position: replay.position.map(|position| position.to_string()),
            counts: replay.counts,
            last_error: replay.last_error.clone(),
        }
    }
}

impl ReplayItem {
    pub(crate) fn replay(self, id: ReplayId) -> Result<Replay, StoreError> {
        let wrong = |what: &str| StoreError::Failed(format!("the item of replay {id} has a wrong {what}"));
        Ok(Replay {
            id,
            range: TimeRange::parse(&self.start, &self.end).map_err(|error| wrong(error.bound()))?,
            filter: ReplayFilter {
                r#type: self.r#type,
                receiver: self.receiver.map(|id| id.parse()).transpose().map_err(|_| wrong("receiver"))?,
                topic: self.topic,
            },
            dry_run: self.dry_run,
            state: self.state,
            slice: self.slice,
            position: self.position.map(|id| id.parse()).transpose().map_err(|_| wrong("position"))?,
            counts: self.counts,
            last_error: self.last_error,
        })
    }
}
