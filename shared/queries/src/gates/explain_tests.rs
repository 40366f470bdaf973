use futures_util::FutureExt;
use xzepr_domain::EventReceiverGroup;
use xzepr_fixtures::event;

use super::*;
use crate::gates::testing::{Memory, completed, greens, group_of, names, now, numbered, reds};

fn explain(store: &Memory, group: GroupId) -> Option<Explanation> {
    super::explain(store, group, &event().artifact(), now()).now_or_never().unwrap().unwrap()
}

#[test]
fn a_gate_is_explained_with_six_requests_and_one_more_for_each_further_hundred_receivers() {
    for (receivers, requests) in [(3, 6), (100, 6), (101, 7), (500, 10)] {
        let ids: Vec<_> = (0..receivers).map(numbered).collect();
        let store = Memory::with([EventReceiverGroup { event_receiver_ids: ids, ..group_of(0) }]);
        let explanation = explain(&store, group_of(0).id).unwrap();
        assert_eq!(explanation.members.len(), receivers);
        assert_eq!(store.take_requests(), requests, "{receivers} receivers");
    }
}

#[test]
fn all_facts_are_in_the_answer() {
    let mut store = Memory::with([group_of(2)]);
    store.names = names();
    store.greens = greens(&[(0, 1), (1, 2)]);
    store.reds = reds(&[(1, 3)]);
    store.gates = [(group_of(2).id, completed(&[(0, 1), (1, 2)], 2))].into();
    let explanation = explain(&store, group_of(2).id).unwrap();
    assert!(!explanation.complete);
    assert_eq!((explanation.completions, explanation.greens.lag_ms), (1, Some(240)));
    assert!(explanation.blocked_by[0].starts_with("scan ("), "{:?}", explanation.blocked_by);
}

#[test]
fn an_unknown_group_costs_one_request() {
    let store = Memory::default();
    assert_eq!((explain(&store, group_of(0).id), store.take_requests()), (None, 1));
}
