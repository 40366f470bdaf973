//! Replays. Each is an item, and one invocation at a time has its lease.

use std::time::Duration;

use aws_sdk_dynamodb::{operation::update_item::UpdateItemError, types::AttributeValue};
use chrono::{DateTime, Utc};
use xzepr_domain::{Replay, ReplayId, ReplayState};

use crate::{
    condition::Condition,
    error::StoreError,
    keys::Key,
    new_items::id_exists,
    replay_items::ReplayItem,
    running_replays::{Change, MAX_ROUNDS, MAX_RUNNING, Running},
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
    /// Nothing is stored, because as many replays run as may run at once.
    TooMany,
}

/// The result of a request to cancel a replay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelOutcome {
    /// The replay is cancelled. One more chunk of its events may still arrive.
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

impl Table {
    /// Stores a replay, unless one of an overlapping range is running. A dry run publishes nothing, so it neither
    /// blocks another replay nor is blocked.
    pub async fn start_replay(&self, replay: &Replay) -> Result<StartOutcome, StoreError> {
        self.start(replay, |running| !replay.dry_run && running.overlaps(replay.range)).await
    }

    /// Stores a replay, unless another one is running that publishes.
    pub async fn start_replay_alone(&self, replay: &Replay) -> Result<StartOutcome, StoreError> {
        self.start(replay, Running::publishes).await
    }

    async fn start(
        &self,
        replay: &Replay,
        blocks: impl Fn(&Running) -> bool,
    ) -> Result<StartOutcome, StoreError> {
        let mut refused = None;
        let changed = self
            .change_running(|list| {
                let blocking = list.running.iter().find(|running| blocks(running));
                refused = blocking.map(|running| StartOutcome::AlreadyRunning(running.id.clone()));
                if refused.is_none() && list.running.len() >= MAX_RUNNING {
                    refused = Some(StartOutcome::TooMany);
                }
                if refused.is_some() {
                    return Ok(Change::Nothing);
                }
                list.running.push(replay.into());
                let item = to_item(ReplayItem::from(replay))?;
                Ok(Change::ListAnd(Box::new(Condition::is_new().put(&self.name, item)?)))
            })
            .await?;
        match refused {
            _ if changed => Ok(StartOutcome::Started),
            Some(refused) => Ok(refused),
            None => Err(id_exists(&replay.id.to_string())),
        }
    }

    /// A replay; `None` if there is no such replay.
    pub async fn replay(&self, id: ReplayId) -> Result<Option<Replay>, StoreError> {
        match self.get(Key::replay(id)).await? {
            Some(item) => from_item::<ReplayItem>(item)?.replay(id).map(Some),
            None => Ok(None),
        }
    }

    /// Leases a replay that no invocation has, for this time. If several ask at the same time, one gets it.
    pub async fn lease_replay(&self, id: ReplayId, time: Duration) -> Result<LeaseOutcome, StoreError> {
        let Some(replay) = self.replay(id).await? else { return Ok(LeaseOutcome::Unknown) };
        let now = Utc::now();
        match replay.state {
            ReplayState::Running if replay.is_leased(now) => return Ok(LeaseOutcome::AlreadyLeased),
            ReplayState::Running => {}
            ReplayState::Done | ReplayState::Cancelled => return Ok(LeaseOutcome::AlreadyEnded),
        }
        let leased =
            Replay { slice: replay.slice + 1, leased_until_ms: ends_ms(now, time), ..replay.clone() };
        if self.put_if(is_this_slice(replay.slice).and(is_free(now)), &leased).await? {
            Ok(LeaseOutcome::Leased(Box::new(leased)))
        } else {
            Ok(LeaseOutcome::AlreadyLeased)
        }
    }

    /// Extends the lease to this time from now. `false` if the replay no longer belongs to this slice.
    pub async fn renew_lease(&self, id: ReplayId, slice: u64, time: Duration) -> Result<bool, StoreError> {
        let Condition { expression, names, values } = is_this_slice(slice);
        let renewed = self
            .client
            .update_item()
            .table_name(&self.name)
            .set_key(Some(key_item(&Key::replay(id))))
            .update_expression("SET leased_until_ms = :until")
            .condition_expression(expression)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .expression_attribute_values(":until", number(ends_ms(Utc::now(), time)))
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

    /// Stores the progress of a replay, and extends the lease to this time from now. `false` if the replay no longer
    /// belongs to its slice.
    pub async fn checkpoint(&self, replay: &Replay, lease: Duration) -> Result<bool, StoreError> {
        let leased = Replay { leased_until_ms: ends_ms(Utc::now(), lease), ..replay.clone() };
        self.put_if(is_this_slice(replay.slice), &leased).await
    }

    /// Stores the progress of a replay, and ends the lease. `false` if the replay no longer belongs to its slice. The
    /// slice ends too, so that a renewal of the lease that is still on its way has no effect.
    pub async fn release_replay(&self, replay: &Replay) -> Result<bool, StoreError> {
        let released = Replay { leased_until_ms: 0, slice: replay.slice + 1, ..replay.clone() };
        self.put_if(is_this_slice(replay.slice), &released).await
    }

    /// Ends a replay. `false` if the replay no longer belongs to its slice.
    pub async fn end_replay(&self, replay: &Replay, state: ReplayState) -> Result<bool, StoreError> {
        let ended = Replay { state, leased_until_ms: 0, ..replay.clone() };
        self.change_running(|list| {
            list.remove(replay.id);
            if state == ReplayState::Done {
                list.add_done(replay);
            }
            let item = to_item(ReplayItem::from(&ended))?;
            Ok(Change::ListAnd(Box::new(is_this_slice(replay.slice).put(&self.name, item)?)))
        })
        .await
    }

    /// Cancels a replay in any slice. A replay whose item is missing or cannot be read is removed from the list of
    /// running replays, where it would block others.
    pub async fn cancel_replay(&self, id: ReplayId) -> Result<CancelOutcome, StoreError> {
        for _ in 0..MAX_ROUNDS {
            let replay = match self.replay(id).await {
                Ok(Some(replay)) => replay,
                Ok(None) | Err(StoreError::Failed(_)) => {
                    let was_listed = self.forget_running(id).await?;
                    return Ok(if was_listed { CancelOutcome::Cancelled } else { CancelOutcome::Unknown });
                }
                Err(error) => return Err(error),
            };
            if replay.state != ReplayState::Running {
                return Ok(CancelOutcome::AlreadyEnded);
            }
            if self.end_replay(&replay, ReplayState::Cancelled).await? {
                return Ok(CancelOutcome::Cancelled);
            }
        }
        Err(StoreError::Unavailable(format!("replay {id} changes too often to be cancelled")))
    }

    /// Stores a replay under a condition. `false` if the condition fails.
    async fn put_if(&self, condition: Condition, replay: &Replay) -> Result<bool, StoreError> {
        let put = condition.put(&self.name, to_item(ReplayItem::from(replay))?)?;
        match self.transact(vec![((), put)]).await {
            Ok(()) => Ok(true),
            Err(NotWritten::Refused { .. }) => Ok(false),
            Err(NotWritten::Failed(error)) => Err(error),
        }
    }
}

/// The replay runs, and belongs to this slice. An invocation of an earlier slice stops where this fails.
fn is_this_slice(slice: u64) -> Condition {
    Condition::new("#state = :running AND slice = :slice")
        .name("#state", "state")
        .value(":running", AttributeValue::S("running".to_owned()))
        .value(":slice", number(slice))
}

/// No invocation has the lease, by the clock of this process. Items of earlier releases have no lease.
fn is_free(now: DateTime<Utc>) -> Condition {
    Condition::new("attribute_not_exists(leased_until_ms) OR leased_until_ms <= :now")
        .value(":now", number(ends_ms(now, Duration::ZERO)))
}

fn number(number: u64) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// The end of a lease that begins now, in milliseconds since 1970.
fn ends_ms(now: DateTime<Utc>, lease: Duration) -> u64 {
    let now = Duration::from_millis(u64::try_from(now.timestamp_millis()).unwrap_or_default());
    u64::try_from((now + lease).as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use xzepr_domain::{Position, ReplayFilter, TimeRange};

    use super::*;
    use crate::test_table::table;

    const LEASE: Duration = Duration::from_secs(60);

    fn replay(start_minute: u32, dry_run: bool) -> Replay {
        let time = |minute: u32| format!("2024-01-15T10:{minute:02}:00Z");
        let range = TimeRange::parse(&time(start_minute), &time(start_minute + 2)).unwrap();
        Replay::new(range, ReplayFilter::default(), dry_run)
    }

    async fn started(table: &Table) -> Replay {
        let replay = replay(0, false);
        assert_eq!(table.start_replay(&replay).await.unwrap(), StartOutcome::Started);
        replay
    }

    async fn leased(table: &Table, id: ReplayId, lease: Duration) -> Replay {
        match table.lease_replay(id, lease).await.unwrap() {
            LeaseOutcome::Leased(replay) => *replay,
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn a_running_replay_blocks_those_that_overlap_it_and_no_dry_run() {
        let table = table().await;
        let running = started(&table).await;
        let blocked = StartOutcome::AlreadyRunning(running.id.to_string());
        assert_eq!(table.start_replay(&replay(1, false)).await.unwrap(), blocked);
        assert_eq!(table.start_replay_alone(&replay(30, false)).await.unwrap(), blocked);
        assert_eq!(table.start_replay(&replay(1, true)).await.unwrap(), StartOutcome::Started);
        assert_eq!(table.start_replay(&replay(30, false)).await.unwrap(), StartOutcome::Started);
        assert_eq!(table.replays().await.unwrap().running.len(), 3);
    }

    #[tokio::test]
    async fn no_more_replays_run_than_may_run_at_once() {
        let table = table().await;
        for _ in 0..MAX_RUNNING {
            assert_eq!(table.start_replay(&replay(0, true)).await.unwrap(), StartOutcome::Started);
        }
        assert_eq!(table.start_replay(&replay(0, true)).await.unwrap(), StartOutcome::TooMany);
    }

    #[tokio::test]
    async fn of_two_overlapping_replays_at_the_same_time_one_starts() {
        let table = table().await;
        let (one, other) = (replay(0, false), replay(1, false));
        let (first, second) = tokio::join!(table.start_replay(&one), table.start_replay(&other));
        let outcomes = [first.unwrap(), second.unwrap()];
        assert_eq!(
            outcomes.iter().filter(|outcome| **outcome == StartOutcome::Started).count(),
            1,
            "{outcomes:?}"
        );
        assert_eq!(table.replays().await.unwrap().running.len(), 1);
    }

    #[tokio::test]
    async fn one_invocation_at_a_time_has_the_lease() {
        let table = table().await;
        let id = started(&table).await.id;
        let (first, second) = tokio::join!(table.lease_replay(id, LEASE), table.lease_replay(id, LEASE));
        let outcomes = [first.unwrap(), second.unwrap()];
        assert!(outcomes.contains(&LeaseOutcome::AlreadyLeased), "{outcomes:?}");
        assert!(outcomes.iter().any(|outcome| matches!(outcome, LeaseOutcome::Leased(_))), "{outcomes:?}");
        let unknown = table.lease_replay(ReplayId::generate(), LEASE).await.unwrap();
        assert_eq!(unknown, LeaseOutcome::Unknown);
    }

    #[tokio::test]
    async fn an_invocation_whose_lease_has_ended_loses_the_replay_to_the_next() {
        let table = table().await;
        let id = started(&table).await.id;
        let old = leased(&table, id, Duration::ZERO).await;
        let new = leased(&table, id, LEASE).await;
        assert_eq!((old.slice, new.slice), (1, 2));
        assert!(!table.checkpoint(&old, LEASE).await.unwrap());
        assert!(!table.renew_lease(id, old.slice, LEASE).await.unwrap());
        assert!(!table.release_replay(&old).await.unwrap());
        assert!(!table.end_replay(&old, ReplayState::Done).await.unwrap());
        assert!(table.renew_lease(id, new.slice, LEASE).await.unwrap());
    }

    #[tokio::test]
    async fn the_next_invocation_continues_at_the_last_checkpoint() {
        let table = table().await;
        let mut first = leased(&table, started(&table).await.id, LEASE).await;
        first.progress(Some(Position::of("01HM6AQH200000000000000000")), Utc::now());
        assert!(table.checkpoint(&first, LEASE).await.unwrap());
        first.counts.read = 7;
        assert!(table.release_replay(&first).await.unwrap());
        // A renewal that is still on its way has no effect.
        assert!(!table.renew_lease(first.id, first.slice, LEASE).await.unwrap());
        let next = leased(&table, first.id, LEASE).await;
        assert_eq!((&next.position, next.counts), (&first.position, first.counts));
        assert_eq!(next.slice, first.slice + 2);
    }

    #[tokio::test]
    async fn a_replay_that_is_done_leaves_the_list_and_its_range_is_remembered() {
        let table = table().await;
        let replay = leased(&table, started(&table).await.id, LEASE).await;
        assert!(table.end_replay(&replay, ReplayState::Done).await.unwrap());
        let replays = table.replays().await.unwrap();
        assert!(replays.running.is_empty() && replays.done == [replay.range], "{replays:?}");
        assert_eq!(table.lease_replay(replay.id, LEASE).await.unwrap(), LeaseOutcome::AlreadyEnded);
        assert_eq!(table.cancel_replay(replay.id).await.unwrap(), CancelOutcome::AlreadyEnded);
    }

    #[tokio::test]
    async fn a_cancelled_replay_ends_the_slice_that_works_on_it() {
        let table = table().await;
        let replay = leased(&table, started(&table).await.id, LEASE).await;
        assert_eq!(table.cancel_replay(replay.id).await.unwrap(), CancelOutcome::Cancelled);
        assert!(!table.checkpoint(&replay, LEASE).await.unwrap());
        let replays = table.replays().await.unwrap();
        assert!(replays.running.is_empty() && replays.done.is_empty(), "{replays:?}");
    }

    #[tokio::test]
    async fn a_replay_without_a_readable_item_can_be_cancelled() {
        let table = table().await;
        let replay = started(&table).await;
        let mut item = table.get(Key::replay(replay.id)).await.unwrap().unwrap();
        item.insert("start".to_owned(), AttributeValue::S("yesterday".to_owned()));
        table.client.put_item().table_name(&table.name).set_item(Some(item)).send().await.unwrap();
        assert!(table.replay(replay.id).await.is_err());
        assert_eq!(table.cancel_replay(replay.id).await.unwrap(), CancelOutcome::Cancelled);
        assert_eq!(table.cancel_replay(ReplayId::generate()).await.unwrap(), CancelOutcome::Unknown);
        assert!(table.replays().await.unwrap().running.is_empty());
    }
}
