//! Requests that fail, processes that end, and events that can never be indexed.

use tokio::time::Instant;
use xzepr_domain::{Event, EventKind, EventReceiverGroup, ReceiverId, gate::Gate};
use xzepr_fixtures::event;
use xzepr_store::StoreError;

use super::{
    faulty::{Fate, Faulty, Request, unavailable},
    world::{World, artifact, group_of, index, receivers, soon},
};
use crate::{Failure, Indexer, Outcome};

/// The state after a script, without ids that each run makes anew.
#[derive(Debug, PartialEq)]
struct End {
    gates: Vec<(u64, u64, Vec<u64>)>,
    announced: Vec<(EventKind, usize)>,
    greens: Vec<u64>,
}

/// Two groups, one of them with all options, and a script with a completion, its end and a further completion.
struct Script {
    world: World,
    groups: Vec<EventReceiverGroup>,
    members: [ReceiverId; 2],
    events: Vec<Event>,
}

impl Script {
    async fn new() -> Self {
        let world = World::new().await;
        let members @ [a, b] = receivers();
        let options = EventReceiverGroup { notify_incomplete: true, repeat: true, ..group_of(&[b, a]) };
        let groups = vec![world.group(&[a, b]).await, world.create(options).await];
        Self { world, groups, members, events: Vec::new() }
    }

    async fn post(&mut self, member: usize, success: bool) {
        let event = self.world.post(self.members[member], success).await;
        self.events.push(event);
    }

    async fn end(&self) -> End {
        let first = self.events[0].id.timestamp_ms();
        let since = |event: xzepr_domain::EventId| event.timestamp_ms() - first;
        let mut gates = Vec::new();
        for group in &self.groups {
            let Gate { completions, incomplete, basis, .. } = self.world.gate(group).await;
            let basis = self.members.iter().filter_map(|member| basis.get(*member)).map(since);
            gates.push((completions, incomplete, basis.collect()));
        }
        let mut announced = Vec::new();
        for event in self.world.announced().await {
            let of = |group: &EventReceiverGroup| ReceiverId::from(group.id) == event.event_receiver_id;
            announced.push((event.kind, self.groups.iter().position(of).unwrap()));
        }
        announced.sort_by_key(|(kind, group)| (*group, kind.as_str()));
        let greens = self.world.greens().await.latest;
        let greens = self.members.iter().filter_map(|member| greens.get(*member)).map(since).collect();
        End { gates, announced, greens }
    }
}

/// Runs the script. At each of its steps, `index_step` gets the events of the step.
async fn run(mut index_step: impl AsyncFnMut(&World, &[Event])) -> End {
    let mut script = Script::new().await;
    for step in [&[(0, true), (1, true)][..], &[(0, false)], &[(1, true), (0, true)]] {
        let from = script.events.len();
        for (member, success) in step {
            script.post(*member, *success).await;
        }
        index_step(&script.world, &script.events[from..]).await;
    }
    script.end().await
}

#[tokio::test]
async fn a_process_that_ends_at_any_request_leaves_a_state_that_a_redelivery_completes() {
    let expected = run(async |world, events| index(&world.indexer(), events).await).await;
    assert_eq!(expected.gates[0].0, 2, "{expected:?}");
    for is_lost in [false, true] {
        let mut number = 0;
        loop {
            let mut has_failed = false;
            let end = run(async |world, events| {
                // Each step of the script ends at this request, and is delivered again.
                let fate = |request, _: &Request| match (request == number, is_lost) {
                    (false, _) => Fate::Works,
                    (true, true) => Fate::IsLost,
                    (true, false) => Fate::Fails(unavailable()),
                };
                let indexer = Indexer::of(Faulty::new(world.tables(), fate));
                let outcomes = indexer.index(events, soon()).await;
                has_failed |= outcomes.iter().any(|outcome| matches!(outcome, Outcome::Failed(_)));
                index(&world.indexer(), events).await;
            })
            .await;
            assert_eq!(end, expected, "request {number}, lost: {is_lost}");
            if !has_failed {
                break;
            }
            number += 1;
        }
        assert!(number > 10, "only {number} requests failed");
    }
}

#[tokio::test]
async fn after_a_failure_the_later_events_of_the_artifact_wait_and_those_of_others_do_not() {
    let world = World::new().await;
    let [a] = receivers();
    let other = world.next_id();
    let other =
        Event { id: other, version: "9".to_owned().try_into().unwrap(), event_receiver_id: a, ..event() };
    let events = [world.post(a, true).await, world.post(a, true).await, world.accept(other).await];
    let fate = |_: usize, request: &Request| match request {
        Request::RaiseGreen(of) if *of == artifact() => Fate::Fails(unavailable()),
        _ => Fate::Works,
    };
    let outcomes = Indexer::of(Faulty::new(world.tables(), fate)).index(&events, soon()).await;
    assert!(
        matches!(
            outcomes[..],
            [Outcome::Failed(Failure::Store(_)), Outcome::Failed(Failure::Behind), Outcome::Indexed]
        ),
        "{outcomes:?}"
    );
}

#[tokio::test]
async fn the_events_of_a_batch_whose_search_items_are_written_before_a_failure_are_done() {
    let world = World::new().await;
    let receivers: [ReceiverId; 130] = receivers();
    let mut events = Vec::new();
    for receiver in receivers {
        events.push(world.post(receiver, true).await);
    }
    let written = std::cell::Cell::new(0);
    let fate = |_: usize, request: &Request| {
        if *request != Request::SearchItems {
            return Fate::Works;
        }
        written.set(written.get() + 1);
        // The index takes a part of the batch and then throttles.
        if written.get() > 1 { Fate::Fails(unavailable()) } else { Fate::Works }
    };
    let outcomes = Indexer::of(Faulty::new(world.tables(), fate)).index(&events, soon()).await;
    let first = outcomes.iter().position(|outcome| matches!(outcome, Outcome::Failed(_))).unwrap();
    assert!((1..130).contains(&first), "{first}");
    assert!(outcomes[..first].iter().all(|outcome| matches!(outcome, Outcome::Indexed)), "{outcomes:?}");
    assert!(outcomes[first..].iter().all(|outcome| matches!(outcome, Outcome::Failed(_))), "{outcomes:?}");
}

#[tokio::test]
async fn an_event_that_can_never_be_indexed_holds_up_no_other_event() {
    for position in 0..3 {
        let world = World::new().await;
        let [a, b] = receivers();
        let group = world.group(&[a, b]).await;
        let poison =
            Event { id: world.next_id(), version: "poison".to_owned().try_into().unwrap(), ..event() };
        let poison = world.accept(poison).await;
        let mut events = vec![world.post(a, true).await, world.post(b, true).await];
        events.insert(position, poison.clone());
        let errors: [fn() -> StoreError; 2] =
            [|| StoreError::InvalidItem("it has no id".to_owned()), || StoreError::ArtifactFull];
        for error in errors {
            let fate = |_: usize, request: &Request| match request {
                Request::RaiseGreen(of) if *of == poison.artifact() => Fate::Fails(error()),
                _ => Fate::Works,
            };
            let outcomes = Indexer::of(Faulty::new(world.tables(), fate)).index(&events, soon()).await;
            for (index, outcome) in outcomes.iter().enumerate() {
                let is_poison = index == position;
                assert_eq!(matches!(outcome, Outcome::Unindexed(_)), is_poison, "{position}: {outcomes:?}");
                assert_eq!(matches!(outcome, Outcome::Indexed), !is_poison, "{position}: {outcomes:?}");
            }
        }
        assert_eq!(world.completions(&group).await, 1);
    }
}

#[tokio::test]
async fn a_group_or_a_gate_that_cannot_be_read_holds_up_no_other_group() {
    let world = World::new().await;
    let [a] = receivers();
    let (broken, group, gateless) =
        (world.group(&[a]).await, world.group(&[a]).await, world.group(&[a]).await);
    let fate = |_: usize, request: &Request| {
        let is_of_broken = match request {
            Request::Groups(ids) => ids.contains(&broken.id),
            Request::Group(id) => *id == broken.id,
            Request::Gate(id) => *id == gateless.id,
            _ => false,
        };
        if is_of_broken {
            Fate::Fails(StoreError::InvalidItem("it is no group".to_owned()))
        } else {
            Fate::Works
        }
    };
    let event = world.post(a, true).await;
    let outcomes = Indexer::of(Faulty::new(world.tables(), fate)).index(&[event], soon()).await;
    assert!(matches!(outcomes[..], [Outcome::Unindexed(_)]), "{outcomes:?}");
    assert_eq!(world.completions(&group).await, 1);
    assert_eq!(world.completions(&broken).await + world.completions(&gateless).await, 0);
}

#[tokio::test]
async fn a_missing_table_or_right_fails_all_events() {
    let world = World::new().await;
    let [a] = receivers();
    let group = world.group(&[a]).await;
    let missing = || StoreError::Failed("AccessDeniedException".to_owned());
    for refused in [Request::SearchItems, Request::Reds, Request::Commit] {
        let fate = |_: usize, request: &Request| {
            if *request == refused { Fate::Fails(missing()) } else { Fate::Works }
        };
        let event = world.post(a, true).await;
        let outcomes = Indexer::of(Faulty::new(world.tables(), fate)).index(&[event], soon()).await;
        assert!(matches!(outcomes[..], [Outcome::Failed(Failure::Store(_))]), "{refused:?}: {outcomes:?}");
        if refused == Request::SearchItems {
            // A completion does not wait for search items.
            assert_eq!(world.completions(&group).await, 1);
            world.process(a, false).await;
        }
    }
}

#[tokio::test]
async fn without_time_no_event_is_indexed() {
    let world = World::new().await;
    let [a] = receivers();
    let events = [world.post(a, true).await, world.post(a, false).await];
    let outcomes = world.indexer().index(&events, Instant::now()).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Failed(_))), "{outcomes:?}");
    index(&world.indexer(), &events).await;
}
