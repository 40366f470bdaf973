//! The guarantees in random orders of POSTs and deliveries, each of them with a seed.
#![expect(clippy::disallowed_types, reason = "it reads only payloads of the registry's own events")]

use std::collections::BTreeMap;

use xzepr_domain::{Event, EventId, EventKind, EventReceiverGroup, ReceiverId};
use xzepr_fixtures::event;

use super::world::{World, group_of, index, receivers};

const EVENTS: usize = 24;

/// A completion that was announced.
struct Completion {
    event: EventId,
    number: u64,
    basis: BTreeMap<ReceiverId, EventId>,
}

impl Completion {
    fn of(event: &Event) -> Self {
        let payload: serde_json::Value = serde_json::from_str(event.payload.as_str()).unwrap();
        let id = |member: &serde_json::Value, name: &str| member[name].as_str().unwrap().to_owned();
        let member = |member| {
            (id(member, "event_receiver_id").parse().unwrap(), id(member, "event_id").parse().unwrap())
        };
        Self {
            event: event.id,
            number: payload["completion"].as_u64().unwrap(),
            basis: payload["events"].as_array().unwrap().iter().map(member).collect(),
        }
    }
}

/// Whether the accepted events of a receiver were successful, in the order of their ids.
type Events = BTreeMap<EventId, bool>;

/// A group and a version of the artifact, with all that was accepted and announced.
struct GateLog<'a> {
    group: &'a EventReceiverGroup,
    version: &'static str,
    accepted: BTreeMap<ReceiverId, Events>,
    completions: Vec<Completion>,
}

impl GateLog<'_> {
    fn events(&self, member: ReceiverId) -> Events {
        self.accepted.get(&member).cloned().unwrap_or_default()
    }

    /// Adds the completions that are new, and checks that each was true when it was announced: nothing was accepted since
    /// then.
    fn add(&mut self, announced: &[Event], seed: u64) {
        let is_of_gate = |event: &&Event| {
            event.kind == EventKind::GroupComplete
                && *event.version == *self.version
                && event.event_receiver_id == ReceiverId::from(self.group.id)
        };
        let mut new: Vec<_> = announced.iter().filter(is_of_gate).map(Completion::of).collect();
        new.retain(|new| self.completions.iter().all(|known| known.event != new.event));
        new.sort_by_key(|completion| completion.number);
        for completion in new {
            // Several may be announced since the last look. Only a failure makes a further one possible, and none was
            // accepted meanwhile.
            for member in &self.group.event_receiver_ids {
                let latest = self.events(*member).last_key_value().map(|(id, success)| (*id, *success));
                let basis = completion.basis.get(member).copied();
                let is_green = latest.is_some_and(|(_, success)| success);
                assert!(
                    is_green && basis <= latest.map(|(id, _)| id),
                    "S1, seed {seed}: {basis:?} {latest:?}"
                );
                assert_eq!(self.events(*member).get(&basis.unwrap()), Some(&true), "S1, seed {seed}");
            }
            if let Some(before) = self.completions.last() {
                assert_eq!(completion.number, before.number + 1, "seed {seed}");
                let failed = self.group.event_receiver_ids.iter().any(|member| {
                    let (from, to) = (before.basis[member], completion.basis[member]);
                    self.events(*member).iter().any(|(id, success)| !success && from < *id && *id < to)
                });
                assert!(failed, "U1, seed {seed}: {:?} {:?}", before.basis, completion.basis);
            }
            self.completions.push(completion);
        }
    }

    /// Checks that no completion is missing, after all events are processed.
    fn end(&self, seed: u64) {
        let members = &self.group.event_receiver_ids;
        let latest = |member: &ReceiverId| self.events(*member).last_key_value().map(|(_, success)| *success);
        if members.iter().all(|member| latest(member) == Some(true)) {
            let last = self.completions.last().unwrap_or_else(|| panic!("L1, seed {seed}: no completion"));
            let is_newer = members.iter().all(|member| {
                self.events(*member).iter().all(|(id, success)| *success || *id < last.basis[member])
            });
            assert!(is_newer, "L1, seed {seed}: {:?}", last.basis);
        }
    }
}

#[tokio::test]
async fn the_guarantees_hold_for_events_that_are_delivered_in_any_order_and_more_than_once() {
    let mut completions = 0;
    for seed in 0..6 {
        let mut random = fastrand::Rng::with_seed(seed);
        let world = World::new().await;
        let members: [ReceiverId; 3] = receivers();
        let groups = [world.group(&members).await, world.create(group_of(&members[..2])).await];
        let mut logs: Vec<_> = ["1", "2"]
            .into_iter()
            .flat_map(|version| groups.iter().map(move |group| (version, group)))
            .map(|(version, group)| GateLog {
                group,
                version,
                accepted: BTreeMap::new(),
                completions: Vec::new(),
            })
            .collect();
        let mut stream = Vec::new();
        while stream.len() < EVENTS {
            let version = *random.choice(&["1", "2"]).unwrap();
            let (receiver, success) = (*random.choice(&members).unwrap(), random.u8(..4) > 0);
            let (id, text) = (world.next_id(), version.to_owned().try_into().unwrap());
            let event = Event { id, event_receiver_id: receiver, success, version: text, ..event() };
            stream.push(world.accept(event).await);
            for log in logs.iter_mut().filter(|log| log.version == version) {
                log.accepted.entry(receiver).or_default().insert(id, success);
            }
            // Some events are delivered before the next one is accepted, and some of them again.
            if random.bool() {
                let from = random.usize(..stream.len());
                index(&world.indexer(), &stream[from..]).await;
                let announced = world.announced().await;
                logs.iter_mut().for_each(|log| log.add(&announced, seed));
            }
        }
        let mut deliveries: Vec<_> = stream.iter().chain(&stream).cloned().collect();
        random.shuffle(&mut deliveries);
        // Two shards at once, with two processes.
        let (one, other) = deliveries.split_at(deliveries.len() / 2);
        let (first, second) = (world.indexer(), world.indexer());
        tokio::join!(index(&first, one), index(&second, other));
        let announced = world.announced().await;
        for log in &mut logs {
            log.add(&announced, seed);
            log.end(seed);
            completions += log.completions.len();
        }
        // A further delivery of everything announces nothing.
        index(&world.indexer(), &stream).await;
        assert_eq!(world.announced().await, announced, "seed {seed}");
    }
    assert!(completions > 6, "{completions}");
}
