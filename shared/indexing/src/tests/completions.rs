//! When a completion is announced.

use xzepr_domain::{Event, EventKind, EventReceiverGroup, ReceiverId, gate::Gate};
use xzepr_fixtures::event;

use super::{
    faulty::{Fate, Faulty, Request},
    world::{World, group_of, index, receivers, soon},
};
use crate::{Failure, Indexer, Outcome};

#[tokio::test]
async fn a_group_is_complete_with_the_last_success_and_again_only_after_a_failure() {
    let world = World::new().await;
    let [a, b] = receivers();
    let group = world.group(&[a, b]).await;
    for (receiver, success, completions) in [
        (a, true, 0),
        (b, false, 0),
        (b, true, 1),
        (b, true, 1),
        (a, true, 1),
        (a, false, 1),
        (b, true, 1),
        (a, true, 2),
    ] {
        world.process(receiver, success).await;
        assert_eq!(world.completions(&group).await, completions);
    }
    let announced = world.announced().await;
    assert_eq!(announced.len(), 2);
    for event in &announced {
        assert_eq!((event.kind, event.success), (EventKind::GroupComplete, true));
        assert_eq!(event.event_receiver_id.to_string(), group.id.to_string());
        assert_eq!(event.message_type(), &*group.r#type);
    }
}

#[tokio::test]
async fn a_failure_that_was_accepted_counts_before_the_stream_delivers_it() {
    let world = World::new().await;
    let [a, b] = receivers();
    let group = world.group(&[a, b]).await;
    let events = [world.post(a, true).await, world.post(a, false).await, world.post(b, true).await];
    let indexer = world.indexer();
    index(&indexer, &[events[0].clone(), events[2].clone()]).await;
    assert_eq!(world.completions(&group).await, 0);
    index(&indexer, &events[1..2]).await;
    assert_eq!(world.completions(&group).await, 0);
}

#[tokio::test]
async fn a_failure_with_an_older_id_that_commits_last_leads_to_a_further_completion() {
    let world = World::new().await;
    let [a, b] = receivers();
    let group = world.group(&[a, b]).await;
    world.process(a, true).await;
    world.process(b, true).await;
    let late = Event { id: world.next_id(), event_receiver_id: a, success: false, ..event() };
    world.process(a, true).await;
    assert_eq!(world.completions(&group).await, 1);
    let late = world.accept(late).await;
    index(&world.indexer(), &[late]).await;
    assert_eq!(world.completions(&group).await, 2);
}

#[tokio::test]
async fn a_group_that_repeats_is_complete_with_each_further_success_but_not_with_a_redelivery() {
    let world = World::new().await;
    let [a, b] = receivers();
    let group = world.create(EventReceiverGroup { repeat: true, ..group_of(&[a, b]) }).await;
    let events = [
        world.post(a, true).await,
        world.post(b, true).await,
        world.post(b, true).await,
        world.post(a, true).await,
    ];
    let indexer = world.indexer();
    index(&indexer, &events).await;
    assert_eq!(world.completions(&group).await, 3);
    index(&indexer, &events).await;
    index(&world.indexer(), &events[1..3]).await;
    assert_eq!(world.completions(&group).await, 3);
}

#[tokio::test]
async fn the_end_of_a_completion_is_announced_once_if_the_group_asks_for_it() {
    let world = World::new().await;
    let [a, b] = receivers();
    let silent = world.group(&[a, b]).await;
    let group = world.create(EventReceiverGroup { notify_incomplete: true, ..group_of(&[a, b]) }).await;
    for (receiver, success) in [(a, false), (a, true), (b, true), (a, false), (b, false)] {
        world.process(receiver, success).await;
    }
    let kinds = |events: Vec<Event>, group: &EventReceiverGroup| -> Vec<_> {
        let of_group = |event: &Event| event.event_receiver_id == ReceiverId::from(group.id);
        events.into_iter().filter(of_group).map(|event| event.kind).collect()
    };
    let expected = [EventKind::GroupComplete, EventKind::GroupIncomplete];
    assert_eq!(kinds(world.announced().await, &group), expected);
    assert_eq!(kinds(world.announced().await, &silent), expected[..1]);
    assert_eq!(world.gate(&group).await.incomplete, 1);
}

#[tokio::test]
async fn a_disabled_group_announces_nothing_until_the_next_event_after_it_is_enabled() {
    let world = World::new().await;
    let [a, b] = receivers();
    let group = world.create(EventReceiverGroup { enabled: false, ..group_of(&[a, b]) }).await;
    let store = Faulty::new(world.tables(), |_, _| Fate::Works);
    let indexer = Indexer::of(store);
    for receiver in [a, b, b, a] {
        index(&indexer, &[world.post(receiver, true).await]).await;
    }
    assert_eq!(world.completions(&group).await, 0);
    // The group was known to be disabled, so no transaction was tried.
    assert_eq!(indexer.store.count(|request| *request == Request::Commit), 0);

    world.enable(group.id, true).await;
    assert_eq!(world.completions(&group).await, 0);
    index(&indexer, &[world.post(a, true).await]).await;
    assert_eq!(world.completions(&group).await, 1);

    // The group that is kept as enabled is disabled in the meantime.
    world.enable(group.id, false).await;
    for success in [false, true, true] {
        index(&indexer, &[world.post(b, success).await]).await;
    }
    assert_eq!(world.completions(&group).await, 1);
    assert_eq!(indexer.store.count(|request| *request == Request::Commit), 2);
    world.enable(group.id, true).await;
    index(&indexer, &[world.post(a, true).await]).await;
    assert_eq!(world.completions(&group).await, 2);
}

#[tokio::test]
async fn events_before_the_creation_of_a_group_count_with_the_next_event_of_a_member() {
    let world = World::new().await;
    let [a, b] = receivers();
    let indexer = world.indexer();
    index(&indexer, &[world.post(a, true).await, world.post(b, true).await]).await;
    let group = world.group(&[a, b]).await;
    assert_eq!(world.gate(&group).await, Gate::default());
    index(&indexer, &[world.post(b, true).await]).await;
    assert_eq!(world.completions(&group).await, 1);
}

#[tokio::test]
async fn an_event_that_is_older_than_a_group_completes_it_if_it_is_evaluated_last() {
    let world = World::new().await;
    let [a, b] = receivers();
    let group = group_of(&[a, b]);
    // Of two shards, one has read the event of `a`. Then the group is created, and the event of `b` is accepted and
    // evaluated first.
    let first = world.post(a, true).await;
    world.create(group.clone()).await;
    world.process(b, true).await;
    assert_eq!(world.completions(&group).await, 0);
    index(&world.indexer(), &[first]).await;
    assert_eq!(world.completions(&group).await, 1);
}

#[tokio::test]
async fn memberships_are_read_after_each_event_is_raised() {
    let world = World::new().await;
    let [a] = receivers();
    let store = Faulty::new(world.tables(), |_, _| Fate::Works);
    let indexer = Indexer::of(store);
    index(&indexer, &[world.post(a, true).await, world.post(a, true).await, world.post(a, false).await])
        .await;
    let requests = indexer.store.requests.take();
    let order: Vec<_> = requests.iter().filter(|request| **request != Request::SearchItems).collect();
    let artifact = super::world::artifact();
    let green = Request::RaiseGreen(artifact);
    assert_eq!(
        order,
        [&green, &Request::GroupsOf, &green, &Request::GroupsOf, &Request::RaiseRed, &Request::GroupsOf]
    );
}

#[tokio::test]
async fn the_facts_of_a_known_group_are_read_beside_the_memberships_and_those_of_a_new_group_after_them() {
    let world = World::new().await;
    let [a] = receivers();
    let known = world.group(&[a]).await;
    let indexer = Indexer::of(Faulty::new(world.tables(), |_, _| Fate::Works));
    let requests = async || {
        indexer.store.requests.take();
        index(&indexer, &[world.post(a, true).await]).await;
        let mut requests = indexer.store.requests.take();
        requests.retain(|request| *request != Request::SearchItems);
        requests
    };
    let raise = || Request::RaiseGreen(super::world::artifact());
    let gate = || Request::Gate(known.id);
    let unknown =
        [raise(), Request::GroupsOf, Request::Groups(vec![known.id]), Request::Reds, gate(), Request::Commit];
    assert_eq!(requests().await, unknown);
    assert_eq!(requests().await, [raise(), Request::Reds, gate(), Request::GroupsOf]);
    let new = world.group(&[a]).await;
    let new = [Request::Groups(vec![new.id]), Request::Gate(new.id), Request::Commit];
    let expected: Vec<_> =
        [raise(), Request::Reds, gate(), Request::GroupsOf].into_iter().chain(new).collect();
    assert_eq!(requests().await, expected);
}

#[tokio::test]
async fn a_receiver_may_be_in_a_hundred_groups() {
    let world = World::new().await;
    let [a, b] = receivers();
    for _ in 0..100 {
        world.group(&[a, b]).await;
    }
    let indexer = world.indexer();
    index(&indexer, &[world.post(a, true).await, world.post(b, true).await, world.post(b, true).await]).await;
    let announced = world.announced().await;
    assert_eq!(announced.len(), 100);
    let mut groups: Vec<_> = announced.iter().map(|event| event.event_receiver_id).collect();
    groups.sort();
    groups.dedup();
    assert_eq!(groups.len(), 100);
}

#[tokio::test]
async fn a_group_may_have_five_hundred_receivers() {
    let world = World::new().await;
    let members: [ReceiverId; 500] = receivers();
    let group = world.group(&members).await;
    let mut events = Vec::new();
    for member in members {
        events.push(world.post(member, true).await);
    }
    let indexer = world.indexer();
    index(&indexer, &events[..499]).await;
    assert_eq!(world.completions(&group).await, 0);
    index(&indexer, &events[499..]).await;
    assert_eq!(world.completions(&group).await, 1);
    assert_eq!(world.gate(&group).await.basis.len(), 500);
}

#[tokio::test]
async fn a_commit_whose_facts_have_changed_is_tried_again_with_new_facts_up_to_a_bound() {
    let world = World::new().await;
    let [a] = receivers();
    let group = world.group(&[a]).await;
    let indexer = Indexer::of(Faulty::new(world.tables(), |_, _| Fate::Works));
    let event = world.post(a, true).await;
    indexer.store.changes.set(1000);
    let outcomes = indexer.index(std::slice::from_ref(&event), soon()).await;
    assert!(matches!(outcomes[..], [Outcome::Failed(Failure::Contended)]), "{outcomes:?}");
    assert_eq!(world.completions(&group).await, 0);
    assert_eq!(indexer.store.count(|request| *request == Request::Commit), 10);

    indexer.store.changes.set(3);
    index(&indexer, &[event]).await;
    assert_eq!(world.completions(&group).await, 1);
}
