use xzepr_domain::{Position, ReplayFilter, ReplayTarget, TimeRange};

use super::*;
use crate::{running_replays::ReplayedRange, test_table::table};

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
async fn a_running_replay_blocks_overlapping_replays_and_no_dry_run() {
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
async fn replays_of_one_range_to_two_targets_run_at_the_same_time() {
    let table = table().await;
    let of_index = |minute| Replay { target: ReplayTarget::Index, ..replay(minute, false) };
    let kafka = started(&table).await;
    let index = of_index(1);
    assert_eq!(table.start_replay_alone(&index).await.unwrap(), StartOutcome::Started);
    let blocked = |id: ReplayId| StartOutcome::AlreadyRunning(id.to_string());
    assert_eq!(table.start_replay(&of_index(0)).await.unwrap(), blocked(index.id));
    assert_eq!(table.start_replay_alone(&of_index(30)).await.unwrap(), blocked(index.id));
    assert_eq!(table.start_replay(&replay(1, false)).await.unwrap(), blocked(kafka.id));

    let leased = leased(&table, index.id, LEASE).await;
    assert_eq!(leased.target, ReplayTarget::Index);
    assert_eq!(table.end_replay(&leased, ReplayState::Done).await.unwrap(), Ownership::Kept);
    let replayed = ReplayedRange { target: ReplayTarget::Index, range: index.range };
    assert_eq!(table.replays().await.unwrap().done, [replayed]);
}

#[tokio::test]
async fn the_number_of_running_replays_is_limited() {
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
async fn only_one_invocation_at_a_time_has_the_lease() {
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
    assert_eq!(table.checkpoint(&old, LEASE).await.unwrap(), Ownership::Lost);
    assert_eq!(table.renew_lease(id, old.slice, LEASE).await.unwrap(), Ownership::Lost);
    assert_eq!(table.release_replay(&old).await.unwrap(), Ownership::Lost);
    assert_eq!(table.end_replay(&old, ReplayState::Done).await.unwrap(), Ownership::Lost);
    assert_eq!(table.renew_lease(id, new.slice, LEASE).await.unwrap(), Ownership::Kept);
}

#[tokio::test]
async fn the_next_invocation_continues_at_the_last_checkpoint() {
    let table = table().await;
    let mut first = leased(&table, started(&table).await.id, LEASE).await;
    first.progress(Some(Position::of("01HM6AQH200000000000000000")), Utc::now());
    assert_eq!(table.checkpoint(&first, LEASE).await.unwrap(), Ownership::Kept);
    first.counts.read = 7;
    assert_eq!(table.release_replay(&first).await.unwrap(), Ownership::Kept);
    // A renewal that is still in transit has no effect.
    assert_eq!(table.renew_lease(first.id, first.slice, LEASE).await.unwrap(), Ownership::Lost);
    let next = leased(&table, first.id, LEASE).await;
    assert_eq!((&next.position, next.counts), (&first.position, first.counts));
    assert_eq!(next.slice, first.slice + 2);
}

#[tokio::test]
async fn a_replay_that_is_done_leaves_the_list_and_its_range_is_remembered() {
    let table = table().await;
    let replay = leased(&table, started(&table).await.id, LEASE).await;
    assert_eq!(table.end_replay(&replay, ReplayState::Done).await.unwrap(), Ownership::Kept);
    let replays = table.replays().await.unwrap();
    let replayed = ReplayedRange { target: ReplayTarget::Kafka, range: replay.range };
    assert!(replays.running.is_empty() && replays.done == [replayed], "{replays:?}");
    assert_eq!(table.lease_replay(replay.id, LEASE).await.unwrap(), LeaseOutcome::AlreadyEnded);
    assert_eq!(table.cancel_replay(replay.id).await.unwrap(), CancelOutcome::AlreadyEnded);
}

#[tokio::test]
async fn a_cancelled_replay_ends_the_slice_that_works_on_it() {
    let table = table().await;
    let replay = leased(&table, started(&table).await.id, LEASE).await;
    assert_eq!(table.cancel_replay(replay.id).await.unwrap(), CancelOutcome::Cancelled);
    assert_eq!(table.checkpoint(&replay, LEASE).await.unwrap(), Ownership::Lost);
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
