//! Replays: each is an item, which one invocation at a time has a lease of.

use std::time::Duration;

use aws_sdk_dynamodb::{operation::update_item::UpdateItemError, types::AttributeValue};
use chrono::{DateTime, Utc};
use xzepr_domain::{Replay, ReplayId, ReplayState};

use crate::{
    error::StoreError,
    keys::Key,
    replay_items::ReplayItem,
    running_replays::{Change, MAX_ROUNDS, MAX_RUNNING, Running},
    table::{Table, from_item, key_item, to_item},
    transaction::{IS_NEW, TransactError, is_condition_failed, put},
};

/// A slice is one invocation's: whoever finds another number, or a replay that has ended, stops.
const IS_THIS_SLICE: &str = "#state = :running AND slice = :slice";

/// Nobody has a lease, as far as this clock tells. Items of earlier releases know no lease.
const IS_FREE: &str = "(attribute_not_exists(leased_until_ms) OR leased_until_ms <= :now)";

/// How a request for a replay ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Start {
    /// It is stored, and on the list of those that run.
    Started,
    /// The replay with this id is running and stands in its way: nothing is stored.
    IsRunning(String),
    /// As many replays run as may run at once: nothing is stored.
    TooMany,
}

/// How a request to cancel a replay ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cancel {
    /// It is cancelled: up to a chunk of its events may still arrive.
    Cancelled,
    /// It had ended before.
    HasEnded,
    /// There is no such replay.
    Unknown,
}

/// How an attempt to work on a replay ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lease {
    /// The replay is this invocation's until its lease ends.
    Taken(Box<Replay>),
    /// Another invocation works on it.
    IsTaken,
    /// It is done or cancelled.
    HasEnded,
    /// There is no such replay.
    Unknown,
}

impl Table {
    /// Stores a replay, unless one of an overlapping range is running. A dry run publishes nothing, and so
    /// is in nobody's way.
    pub async fn start_replay(&self, replay: &Replay) -> Result<Start, StoreError> {
        self.start(replay, |running| !replay.dry_run && running.overlaps(replay.range)).await
    }

    /// Stores a replay, unless any is running.
    pub async fn start_replay_alone(&self, replay: &Replay) -> Result<Start, StoreError> {
        self.start(replay, Running::publishes).await
    }

    async fn start(
        &self,
        replay: &Replay,
        is_in_the_way: impl Fn(&Running) -> bool,
    ) -> Result<Start, StoreError> {
        let mut refused = None;
        let changed = self
            .change_running(|list| {
                let in_the_way = list.running.iter().find(|running| is_in_the_way(running));
                refused = in_the_way.map(|running| Start::IsRunning(running.id.clone()));
                if refused.is_none() && list.running.len() >= MAX_RUNNING {
                    refused = Some(Start::TooMany);
                }
                if refused.is_some() {
                    return Ok(Change::Nothing);
                }
                list.running.push(replay.into());
                let put = put(to_item(ReplayItem::from(replay))?, IS_NEW, []);
                Ok(Change::ListAnd(Box::new(put)))
            })
            .await?;
        match refused {
            _ if changed => Ok(Start::Started),
            Some(refused) => Ok(refused),
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

    /// Takes a replay that nobody works on, for this time. Of several at once one gets it.
    pub async fn lease_replay(&self, id: ReplayId, time: Duration) -> Result<Lease, StoreError> {
        let Some(replay) = self.replay(id).await? else { return Ok(Lease::Unknown) };
        let now = Utc::now();
        match replay.state {
            ReplayState::Running if replay.is_leased(now) => return Ok(Lease::IsTaken),
            ReplayState::Running => {}
            ReplayState::Done | ReplayState::Cancelled => return Ok(Lease::HasEnded),
        }
        let mut taken = replay.clone();
        taken.slice += 1;
        taken.leased_until_ms = ends(now, time);
        let [running, slice] = this_slice(replay.slice);
        let values = [running, slice, (":now", number(ends(now, Duration::ZERO)))];
        let put = put(to_item(ReplayItem::from(&taken))?, &format!("{IS_THIS_SLICE} AND {IS_FREE}"), values);
        let is_taken = not_failed(self.transact(vec![self.item(put)?]).await)?;
        Ok(if is_taken { Lease::Taken(Box::new(taken)) } else { Lease::IsTaken })
    }

    /// Keeps a replay for this time from now on. `false` when it is not this slice's any more.
    pub async fn renew_lease(&self, id: ReplayId, slice: u64, time: Duration) -> Result<bool, StoreError> {
        let [running, this_slice] = this_slice(slice);
        let renewed = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key_item(&Key::replay(id))))
            .update_expression("SET leased_until_ms = :until")
            .condition_expression(IS_THIS_SLICE)
            .expression_attribute_names("#state", "state")
            .expression_attribute_values(running.0, running.1)
            .expression_attribute_values(this_slice.0, this_slice.1)
            .expression_attribute_values(":until", number(ends(Utc::now(), time)))
            .send()
            .await;
        match renewed {
            Ok(_) => Ok(true),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Keeps how far a replay is, and the lease for this time. `false` as above.
    pub async fn checkpoint(&self, replay: &Replay, lease: Duration) -> Result<bool, StoreError> {
        self.put_slice(&Replay { leased_until_ms: ends(Utc::now(), lease), ..replay.clone() }).await
    }

    /// Keeps how far a replay is, and leaves it to the next invocation. `false` as above. The slice ends with
    /// it, so that a renewal of the lease that is still under way comes too late.
    pub async fn release_replay(&self, replay: &Replay) -> Result<bool, StoreError> {
        let released = Replay { leased_until_ms: 0, slice: replay.slice + 1, ..replay.clone() };
        self.put_slice_of(replay.slice, &released).await
    }

    /// Ends a replay. `false` as above.
    pub async fn end_replay(&self, replay: &Replay, state: ReplayState) -> Result<bool, StoreError> {
        let ended = Replay { state, leased_until_ms: 0, ..replay.clone() };
        self.change_running(|list| {
            list.remove(replay.id);
            if state == ReplayState::Done {
                list.add_done(replay);
            }
            let item = to_item(ReplayItem::from(&ended))?;
            Ok(Change::ListAnd(Box::new(put(item, IS_THIS_SLICE, this_slice(replay.slice)))))
        })
        .await
    }

    /// Cancels a replay, whatever slice is at work. One whose item is gone, or cannot be read, is taken off the
    /// list of those that run, where it would stand in the way of others.
    pub async fn cancel_replay(&self, id: ReplayId) -> Result<Cancel, StoreError> {
        for _ in 0..MAX_ROUNDS {
            let replay = match self.replay(id).await {
                Ok(Some(replay)) => replay,
                Ok(None) | Err(StoreError::Failed(_)) => {
                    let was_listed = self.forget_running(id).await?;
                    return Ok(if was_listed { Cancel::Cancelled } else { Cancel::Unknown });
                }
                Err(error) => return Err(error),
            };
            if replay.state != ReplayState::Running {
                return Ok(Cancel::HasEnded);
            }
            if self.end_replay(&replay, ReplayState::Cancelled).await? {
                return Ok(Cancel::Cancelled);
            }
        }
        Err(StoreError::Unavailable(format!("replay {id} changes too often to be cancelled")))
    }

    async fn put_slice(&self, replay: &Replay) -> Result<bool, StoreError> {
        self.put_slice_of(replay.slice, replay).await
    }

    async fn put_slice_of(&self, slice: u64, replay: &Replay) -> Result<bool, StoreError> {
        let put = put(to_item(ReplayItem::from(replay))?, IS_THIS_SLICE, this_slice(slice));
        not_failed(self.transact(vec![self.item(put)?]).await)
    }
}

fn this_slice(slice: u64) -> [(&'static str, AttributeValue); 2] {
    [(":running", AttributeValue::S("running".to_owned())), (":slice", number(slice))]
}

fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// When a lease ends that is taken now.
fn ends(now: DateTime<Utc>, lease: Duration) -> u64 {
    let now = Duration::from_millis(u64::try_from(now.timestamp_millis()).unwrap_or_default());
    u64::try_from((now + lease).as_millis()).unwrap_or(u64::MAX)
}

/// Whether a single put met its condition.
fn not_failed(written: Result<(), TransactError>) -> Result<bool, StoreError> {
    match written {
        Ok(()) => Ok(true),
        Err(error) if is_condition_failed(&error, 0) => Ok(false),
        Err(error) => Err(error.into()),
    }
}
