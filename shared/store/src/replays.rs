//! Replays: each is an item, whose change on the stream starts its next slice.

use aws_sdk_dynamodb::types::AttributeValue;
use xzepr_domain::{Replay, ReplayId, ReplayState};

use crate::{
    error::StoreError,
    keys::Key,
    replay_items::ReplayItem,
    running_replays::{MAX_ROUNDS, Running},
    table::{Table, from_item, to_item},
    transaction::{IS_NEW, TransactError, is_condition_failed, put},
};

/// A slice is one invocation's: whoever finds another number, or a replay that has ended, stops.
const IS_THIS_SLICE: &str = "#state = :running AND slice = :slice";

/// How a request for a replay ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// It is stored, and goes on by itself.
    Started,
    /// The replay with this id is running and stands in its way: nothing is stored.
    IsRunning(String),
}

/// How a request to cancel a replay ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancel {
    /// It is cancelled: what is on its way to Kafka arrives, nothing else does.
    Cancelled,
    /// It had ended before.
    HasEnded,
    /// There is no such replay.
    Unknown,
}

impl Table {
    /// Stores a replay, unless one of an overlapping range is running. A dry run publishes nothing, and so
    /// is in nobody's way.
    pub async fn start_replay(&self, replay: &Replay) -> Result<Start, StoreError> {
        self.start(replay, |running| running.overlaps(replay.range)).await
    }

    /// Stores a replay, unless any is running.
    pub async fn start_replay_alone(&self, replay: &Replay) -> Result<Start, StoreError> {
        self.start(replay, |_| true).await
    }

    async fn start(
        &self,
        replay: &Replay,
        is_in_the_way: impl Fn(&Running) -> bool,
    ) -> Result<Start, StoreError> {
        let put = || Ok::<_, StoreError>(put(to_item(ReplayItem::from(replay))?, IS_NEW, []));
        if replay.dry_run {
            let written = self.transact(vec![self.item(put()?)?]).await;
            return written.map(|()| Start::Started).map_err(StoreError::from);
        }
        let mut in_the_way = None;
        let changed = self
            .change_running(|running| {
                in_the_way = running.iter().find(|running| is_in_the_way(running)).cloned();
                if in_the_way.is_some() {
                    return Ok(None);
                }
                let (start, end) = replay.range.to_texts();
                running.push(Running { id: replay.id.to_string(), start, end });
                Ok(Some(put()?))
            })
            .await?;
        match in_the_way {
            _ if changed => Ok(Start::Started),
            Some(running) => Ok(Start::IsRunning(running.id)),
            None => Err(StoreError::Failed(format!("the new id {} is taken", replay.id))),
        }
    }

    /// A replay, as far as it is.
    pub async fn replay(&self, id: ReplayId) -> Result<Option<Replay>, StoreError> {
        match self.get(Key::replay(id)).await? {
            Some(item) => from_item::<ReplayItem>(item)?.replay(id).map(Some),
            None => Ok(None),
        }
    }

    /// Keeps how far a replay is. `false` when it is not this slice's any more.
    pub async fn checkpoint(&self, replay: &Replay) -> Result<bool, StoreError> {
        self.put_slice(replay, replay.slice).await
    }

    /// Keeps how far a replay is and lets the stream start its next slice. `false` as above.
    pub async fn start_next_slice(&self, replay: &Replay) -> Result<bool, StoreError> {
        let next = Replay { slice: replay.slice + 1, ..replay.clone() };
        self.put_slice(&next, replay.slice).await
    }

    /// Ends a replay. `false` as above.
    pub async fn end_replay(&self, replay: &Replay, state: ReplayState) -> Result<bool, StoreError> {
        let ended = Replay { state, ..replay.clone() };
        let put = || {
            let item = to_item(ReplayItem::from(&ended))?;
            Ok::<_, StoreError>(put(item, IS_THIS_SLICE, this_slice(replay.slice)))
        };
        if replay.dry_run {
            return not_failed(self.transact(vec![self.item(put()?)?]).await);
        }
        self.change_running(|running| {
            running.retain(|running| running.id != replay.id.to_string());
            Ok(Some(put()?))
        })
        .await
    }

    /// Cancels a replay, whatever slice is at work.
    pub async fn cancel_replay(&self, id: ReplayId) -> Result<Cancel, StoreError> {
        for _ in 0..MAX_ROUNDS {
            let Some(replay) = self.replay(id).await? else { return Ok(Cancel::Unknown) };
            if replay.state != ReplayState::Running {
                return Ok(Cancel::HasEnded);
            }
            if self.end_replay(&replay, ReplayState::Cancelled).await? {
                return Ok(Cancel::Cancelled);
            }
        }
        Err(StoreError::Unavailable(format!("replay {id} changes too often to be cancelled")))
    }

    async fn put_slice(&self, replay: &Replay, slice: u64) -> Result<bool, StoreError> {
        let put = put(to_item(ReplayItem::from(replay))?, IS_THIS_SLICE, this_slice(slice));
        not_failed(self.transact(vec![self.item(put)?]).await)
    }
}

fn this_slice(slice: u64) -> [(&'static str, AttributeValue); 2] {
    [(":running", AttributeValue::S("running".to_owned())), (":slice", AttributeValue::N(slice.to_string()))]
}

/// Whether a single put met its condition.
fn not_failed(written: Result<(), TransactError>) -> Result<bool, StoreError> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if is_condition_failed(&error, 0) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
