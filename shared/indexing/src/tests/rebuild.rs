//! Rebuilds of the index.

use chrono::{TimeDelta, Utc};
use xzepr_domain::{Event, EventId, EventKind, EventReceiverGroup, GroupId};
use xzepr_fixtures::event;
use xzepr_store::testing;

use super::{
    faulty::{Fate, Faulty, Request, unavailable},
    world::{World, artifact, group_of, index, receivers, soon},
};
use crate::{Indexer, Outcome, Store, Tables};

async fn rebuild<S: Store>(indexer: &Indexer<S>, events: &[Event]) {
    let outcomes = indexer.rebuild(events, soon()).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Indexed)), "{outcomes:?}");
}

#[tokio::test]
async fn a_rebuild_of_an_empty_index_restores_it_and_announces_nothing() {
    let world = World::new().await;
    let [a, b] = receivers();
    let options = EventReceiverGroup { repeat: true, notify_incomplete: true, ..group_of(&[a, b]) };
    let group = world.create(options).await;
    let mut events = Vec::new();
    for (receiver, success) in [(a, true), (b, true), (a, false), (a, true), (b, true)] {
        events.push(world.process(receiver, success).await);
    }
    let (gate, announced) = (world.gate(&group).await, world.announced().await);
    assert_eq!((gate.completions, announced.len()), (3, 4));

    let index = testing::index().await;
    let indexer = Indexer::new(world.table.clone(), index.clone());
    let all: Vec<_> = events.iter().chain(&announced).cloned().collect();
    rebuild(&indexer, &all).await;
    assert_eq!(index.greens(&artifact()).await.unwrap(), world.greens().await);
    assert_eq!(world.gate(&group).await, gate);
    assert_eq!(world.announced().await, announced);
}

#[tokio::test]
async fn a_rebuild_under_way_makes_no_completion_of_events_that_are_older_than_those_of_the_last_one() {
    let world = World::new().await;
    let [a, b] = receivers();
    let group = world.create(EventReceiverGroup { repeat: true, ..group_of(&[a, b]) }).await;
    let mut events = Vec::new();
    for receiver in [a, b, a] {
        events.push(world.process(receiver, true).await);
    }
    assert_eq!(world.completions(&group).await, 2);

    let indexer = Indexer::new(world.table.clone(), testing::index().await);
    rebuild(&indexer, &events[..1]).await;
    let new = world.post(b, true).await;
    index(&indexer, std::slice::from_ref(&new)).await;
    assert_eq!(world.completions(&group).await, 2);
    rebuild(&indexer, &events[1..]).await;
    let gate = world.gate(&group).await;
    assert_eq!(
        (gate.completions, gate.basis.get(a), gate.basis.get(b)),
        (3, Some(events[2].id), Some(new.id))
    );
}

/// An id of some minutes ago.
fn minutes_ago(minutes: i64) -> EventId {
    let ms = (Utc::now() - TimeDelta::minutes(minutes)).timestamp_millis();
    EventId::first_of(ms.try_into().unwrap())
}

#[tokio::test]
async fn a_rebuild_announces_nothing_for_events_before_the_creation_or_the_last_change_of_a_group() {
    let world = World::new().await;
    let [a, b, c] = receivers();
    let created_later = world.group(&[a, b]).await;
    // An id of a group contains the time of its creation.
    let id: GroupId = minutes_ago(120).to_string().parse().unwrap();
    let disabled = EventReceiverGroup { id, enabled: false, ..group_of(&[a, b]) };
    let enabled_later = world.create(disabled).await;
    let id: GroupId = minutes_ago(119).to_string().parse().unwrap();
    let missed = world.create(EventReceiverGroup { id, ..group_of(&[a, b]) }).await;
    let id: GroupId = minutes_ago(118).to_string().parse().unwrap();
    let with_later_event = world.create(EventReceiverGroup { id, enabled: false, ..group_of(&[a, c]) }).await;

    let of = |minutes, receiver| Event { id: minutes_ago(minutes), event_receiver_id: receiver, ..event() };
    let mut events = Vec::new();
    for event in [of(60, a), of(50, b), of(40, c)] {
        events.push(world.accept(event).await);
    }
    let indexer = world.indexer();
    // The process has read the groups as they were.
    rebuild(&indexer, &events[..1]).await;
    world.enable(enabled_later.id, true).await;
    world.enable(with_later_event.id, true).await;
    rebuild(&indexer, &events).await;
    assert_eq!(world.completions(&created_later).await, 0);
    assert_eq!(world.completions(&enabled_later).await, 0);
    assert_eq!(world.completions(&with_later_event).await, 0);
    // This one was missed, since the group was there and enabled.
    assert_eq!(world.completions(&missed).await, 1);

    // The next event of a member announces the completion.
    index(&indexer, &[world.post(a, true).await]).await;
    assert_eq!(world.completions(&created_later).await, 1);
    assert_eq!(world.completions(&enabled_later).await, 1);
    assert_eq!(world.completions(&with_later_event).await, 1);
}

#[tokio::test]
async fn a_completion_whose_gate_is_lost_is_restored_before_its_gate_is_evaluated() {
    let world = World::new().await;
    let [a, b] = receivers();
    let group = world.group(&[a, b]).await;
    let mut events = vec![world.process(a, true).await, world.process(b, true).await];
    events.extend(world.announced().await);
    assert_eq!(events.len(), 3);

    // The table has all events and the group, but neither the gate nor the index.
    let restored = World::new().await;
    restored.create(group.clone()).await;
    for event in &events {
        restored.accept(event.clone()).await;
    }
    rebuild(&restored.indexer(), &events).await;
    assert_eq!(restored.completions(&group).await, 1);
    assert_eq!(restored.events(&[EventKind::GroupComplete]).await.len(), 1);
}

#[tokio::test]
async fn an_item_that_cannot_be_restored_at_the_moment_fails_the_whole_chunk() {
    let world = World::new().await;
    let [a] = receivers();
    let group = world.group(&[a]).await;
    let tables = Tables { table: world.table.clone(), index: world.index.clone() };
    let fate = |_: usize, request: &Request| {
        if *request == Request::Restore { Fate::Fails(unavailable()) } else { Fate::Works }
    };
    let created = Event::group_created(&group, EventId::generate());
    let events = [world.post(a, true).await, created];
    let outcomes = Indexer::of(Faulty::new(tables, fate)).rebuild(&events, soon()).await;
    assert!(matches!(outcomes[..], [Outcome::Failed(_), Outcome::Failed(_)]), "{outcomes:?}");
    assert_eq!(world.completions(&group).await, 0);
}
