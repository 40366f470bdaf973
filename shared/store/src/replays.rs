//! Replays. Each is an item, and one invocation at a time has its lease.

use std::{convert::Infallible, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, Utc};
use xzepr_domain::{Replay, ReplayId, ReplayState};

use crate::{
    condition::{Condition, has_failed_condition},
    error::StoreError,
    keys::Key,
    new_items::id_exists_error,
    replay_items::ReplayItem,
    running_replays::{Change, Changed, ListedReplay, MAX_ROUNDS, MAX_RUNNING},
    table::{Table, from_item, key_item, to_item},
    transaction::NotWritten,
};

/// The result of a request to start a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StartOutcome {
    /// The replay is stored, and on the list of running replays.
    Started,
    /// Nothing is stored, because the replay with this id is running.
    AlreadyRunning(String),
    /// Nothing is stored, because no more replays may run at once.
    TooMany,
}

/// The result of a request to cancel a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelOutcome {
    /// The replay is cancelled. One more chunk of its events may still be published.
    Cancelled,
    /// The replay had ended before.
    AlreadyEnded,
    /// There is no such replay.
    Unknown,
}

/// The result of a request for the lease of a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseOutcome {
    /// The caller has the replay until the lease ends.
    Leased(Box<Replay>),
    /// Another invocation has the lease.
    AlreadyLeased,
    /// The replay is done or cancelled.
    AlreadyEnded,
    /// There is no such replay.
    Unknown,
}

/// Whether a replay still belongs to a slice. A slice loses its replay when the replay is cancelled. It also loses the
/// replay when its lease has ended and another invocation has the next slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Ownership {
    /// The replay belongs to the slice, and the request has changed it.
    Kept,
    /// The replay no longer belongs to the slice, and nothing is changed. The invocation must stop its work on it.
    Lost,
}

impl Table {
    /// Stores a replay, unless one to the same target with an overlapping range is running. A dry run publishes nothing,
    /// so it neither blocks another replay nor is blocked by one.
    pub async fn start_replay(&self, replay: &Replay) -> Result<StartOutcome, StoreError> {
        self.start(replay, |running| !replay.dry_run && running.overlaps(replay)).await
    }

    /// Stores a replay, unless another one to the same target is running that is no dry run.
    pub async fn start_replay_alone(&self, replay: &Replay) -> Result<StartOutcome, StoreError> {
        self.start(replay, |running| running.competes_with(replay)).await
    }

    async fn start(
        &self,
        replay: &Replay,
        blocks: impl Fn(&ListedReplay) -> bool,
    ) -> Result<StartOutcome, StoreError> {
        let changed = self
            .change_running(|list| {
                if let Some(blocking) = list.running.iter().find(|running| blocks(running)) {
                    return Ok(Change::Refused(StartOutcome::AlreadyRunning(blocking.id.clone())));
                }
                if list.running.len() >= MAX_RUNNING {
                    return Ok(Change::Refused(StartOutcome::TooMany));
                }
                list.running.push(replay.into());
                let item = to_item(ReplayItem::from(replay))?;
                Ok(Change::ListAnd(Box::new(Condition::is_new().put(&self.name, item)?)))
            })
            .await?;
        match changed {
            Changed::Yes => Ok(StartOutcome::Started),
            Changed::Refused(outcome) => Ok(outcome),
            Changed::ConditionFailed => Err(id_exists_error(&replay.id.to_string())),
        }
    }

    /// Reads a replay; `None` if there is no such replay.
    pub async fn replay(&self, id: ReplayId) -> Result<Option<Replay>, StoreError> {
        match self.get(Key::replay(id)).await? {
            Some(item) => from_item::<ReplayItem>(item)?.into_replay(id).map(Some),
            None => Ok(None),
        }
    }

    /// Leases a replay for this time, unless an invocation has its lease. If several invocations ask at the same time,
    /// one of them gets the lease.
    pub async fn lease_replay(&self, id: ReplayId, time: Duration) -> Result<LeaseOutcome, StoreError> {
        let Some(replay) = self.replay(id).await? else { return Ok(LeaseOutcome::Unknown) };
        let now = Utc::now();
        match replay.state {
            ReplayState::Running if replay.is_leased(now) => return Ok(LeaseOutcome::AlreadyLeased),
            ReplayState::Running => {}
            ReplayState::Done | ReplayState::Cancelled => return Ok(LeaseOutcome::AlreadyEnded),
        }
        let leased = Replay { slice: replay.slice + 1, leased_until_ms: end_ms(now, time), ..replay.clone() };
        match self.put_if(belongs_to(replay.slice).and(is_not_leased(now)), &leased).await? {
            Ownership::Kept => Ok(LeaseOutcome::Leased(Box::new(leased))),
            Ownership::Lost => Ok(LeaseOutcome::AlreadyLeased),
        }
    }

    /// Extends the lease to this time from now.
    pub async fn renew_lease(
        &self,
        id: ReplayId,
        slice: u64,
        time: Duration,
    ) -> Result<Ownership, StoreError> {
        let Condition { expression, names, values } = belongs_to(slice);
        let renewed = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key_item(&Key::replay(id))))
            .update_expression("SET leased_until_ms = :until")
            .condition_expression(expression)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .expression_attribute_values(":until", number(end_ms(Utc::now(), time)))
            .send()
            .await;
        match renewed {
            Ok(_) => Ok(Ownership::Kept),
            Err(error) if has_failed_condition(&error) => Ok(Ownership::Lost),
            Err(error) => Err(error.into()),
        }
    }

    /// Stores the progress of a replay, and extends the lease to this time from now.
    pub async fn checkpoint(&self, replay: &Replay, lease: Duration) -> Result<Ownership, StoreError> {
        let leased = Replay { leased_until_ms: end_ms(Utc::now(), lease), ..replay.clone() };
        self.put_if(belongs_to(replay.slice), &leased).await
    }

    /// Stores the progress of a replay, and ends its lease and its slice. A renewal of the lease that is still in
    /// transit then has no effect.
    pub async fn release_replay(&self, replay: &Replay) -> Result<Ownership, StoreError> {
        let released = Replay { leased_until_ms: 0, slice: replay.slice + 1, ..replay.clone() };
        self.put_if(belongs_to(replay.slice), &released).await
    }

    /// Ends a replay in this state.
    pub async fn end_replay(&self, replay: &Replay, state: ReplayState) -> Result<Ownership, StoreError> {
        let ended = Replay { state, leased_until_ms: 0, ..replay.clone() };
        let changed = self
            .change_running::<Infallible>(|list| {
                list.remove(replay.id);
                if state == ReplayState::Done {
                    list.add_done(replay);
                }
                let item = to_item(ReplayItem::from(&ended))?;
                Ok(Change::ListAnd(Box::new(belongs_to(replay.slice).put(&self.name, item)?)))
            })
            .await?;
        match changed {
            Changed::Yes => Ok(Ownership::Kept),
            Changed::ConditionFailed => Ok(Ownership::Lost),
        }
    }

    /// Cancels a replay, whichever slice it belongs to. If its item is missing or cannot be read, the replay is removed
    /// from the list of running replays, since it would block others there.
    pub async fn cancel_replay(&self, id: ReplayId) -> Result<CancelOutcome, StoreError> {
        for _ in 0..MAX_ROUNDS {
            let replay = match self.replay(id).await {
                Ok(Some(replay)) => replay,
                Ok(None) | Err(StoreError::InvalidItem(_)) => return self.cancel_without_item(id).await,
                Err(error) => return Err(error),
            };
            if replay.state != ReplayState::Running {
                return Ok(CancelOutcome::AlreadyEnded);
            }
            match self.end_replay(&replay, ReplayState::Cancelled).await? {
                Ownership::Kept => return Ok(CancelOutcome::Cancelled),
                // The replay has ended or belongs to another slice since it was read.
                Ownership::Lost => {}
            }
        }
        Err(StoreError::Unavailable(format!("replay {id} changes too often to be cancelled")))
    }

    async fn cancel_without_item(&self, id: ReplayId) -> Result<CancelOutcome, StoreError> {
        let changed = self
            .change_running(|list| Ok(if list.remove(id) { Change::List } else { Change::Refused(()) }))
            .await?;
        Ok(match changed {
            Changed::Yes => CancelOutcome::Cancelled,
            Changed::Refused(()) | Changed::ConditionFailed => CancelOutcome::Unknown,
        })
    }

    /// Stores a replay under a condition that contains [`belongs_to`].
    async fn put_if(&self, condition: Condition, replay: &Replay) -> Result<Ownership, StoreError> {
        let put = condition.put(&self.name, to_item(ReplayItem::from(replay))?)?;
        match self.transact(vec![((), put)]).await {
            Ok(()) => Ok(Ownership::Kept),
            Err(NotWritten::Refused { .. }) => Ok(Ownership::Lost),
            Err(error) => Err(error.into()),
        }
    }
}

/// Holds if the replay is running and belongs to this slice.
fn belongs_to(slice: u64) -> Condition {
    Condition::new("#state = :running AND slice = :slice")
        .name("#state", "state")
        .value(":running", AttributeValue::S("running".to_owned()))
        .value(":slice", number(slice))
}

/// Holds if no invocation has the lease, by the clock of this process. Items of earlier releases have no lease.
fn is_not_leased(now: DateTime<Utc>) -> Condition {
    Condition::new("attribute_not_exists(leased_until_ms) OR leased_until_ms <= :now")
        .value(":now", number(end_ms(now, Duration::ZERO)))
}

fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// The end of a lease that begins now, in milliseconds since 1970.
fn end_ms(now: DateTime<Utc>, lease: Duration) -> u64 {
    let now = Duration::from_millis(u64::try_from(now.timestamp_millis()).unwrap_or_default());
    u64::try_from((now + lease).as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
