use std::{collections::BTreeMap, time::Duration};

use futures_util::FutureExt;
use proptest::{
    collection::{btree_set, vec},
    prelude::*,
};
use xzepr_domain::{EventId, ShortText, gate::Latest};
use xzepr_fixtures::{event, group};

use super::*;
use crate::gates::testing::{Memory, name, now, numbered};

const LONG: Duration = Duration::from_secs(60);

fn page(store: &Memory, cursor: Option<Cursor>, gates: usize, time: Duration) -> GatePage {
    let limits = PageLimits { gates, until: Instant::now() + time };
    gates_of(store, &event().artifact(), cursor, limits, now()).now_or_never().unwrap().unwrap()
}

/// All pages, each with at most this many gates.
fn pages(store: &Memory, gates: usize, time: Duration) -> Vec<GatePage> {
    let (mut pages, mut cursor) = (Vec::new(), None);
    loop {
        let page = page(store, cursor, gates, time);
        cursor = page.next.clone();
        pages.push(page);
        assert!(pages.len() < 10_000, "the pages have no end");
        if cursor.is_none() {
            return pages;
        }
    }
}

/// A group with this number.
fn group_with(number: usize, receivers: impl IntoIterator<Item = usize>) -> EventReceiverGroup {
    let id = format!("01HJ1K2M3N4P5Q6R7S8V{number:06}").parse().unwrap();
    EventReceiverGroup { id, event_receiver_ids: receivers.into_iter().map(numbered).collect(), ..group() }
}

fn latest(receivers: impl IntoIterator<Item = usize>) -> Latest {
    receivers.into_iter().map(|number| (numbered(number), EventId::first_of(1))).collect()
}

fn ids(pages: &[GatePage]) -> Vec<&str> {
    pages.iter().flat_map(|page| &page.gates).map(|gate| &*gate.group_id).collect()
}

fn gate_of(group: &EventReceiverGroup) -> (GroupId, Gate) {
    let basis = group.event_receiver_ids.iter().map(|receiver| (*receiver, EventId::first_of(1)));
    (group.id, Gate { revision: 1, completions: 1, basis: basis.collect(), ..Gate::default() })
}

#[test]
fn only_groups_with_an_event_of_the_artifact_are_listed() {
    let groups = [group_with(0, [0, 1]), group_with(1, [2]), group_with(2, [3]), group_with(3, [])];
    let mut store = Memory::with(groups.clone());
    store.greens.latest = latest([1]);
    store.reds.latest = latest([3]);
    let pages = pages(&store, 50, LONG);
    assert_eq!(ids(&pages), [groups[0].id.to_string(), groups[2].id.to_string()]);
    let empty = page(&Memory::default(), None, 50, LONG);
    assert_eq!(empty, GatePage { gates: Vec::new(), next: None });
}

#[test]
fn a_group_that_was_complete_is_listed_although_the_index_has_no_event_of_it() {
    let groups = [group_with(0, [0]), group_with(1, [1]), group_with(2, [2]), group_with(3, [3])];
    let mut store = Memory::with(groups.clone());
    store.greens.latest = latest([1]);
    store.gates = groups.iter().map(gate_of).collect();
    let listed = [1, 0, 2, 3].map(|index| groups[index].id.to_string());
    for gates in [1, 2, 50] {
        assert_eq!(ids(&pages(&store, gates, LONG)), listed, "{gates}");
    }
}

#[test]
fn a_page_of_an_artifact_with_thousands_of_receivers_is_bounded() {
    let mut store = Memory::with((0..3_000).map(|number| group_with(number, [number])));
    store.greens.latest = latest(0..3_000);
    let first = page(&store, None, 1_000, LONG);
    assert!((1..=MAX_RECEIVERS).contains(&first.gates.len()) && first.next.is_some());
    // The receivers, their groups, the names and completions of the groups, and the facts.
    assert!(store.take_requests() <= 2 * MAX_RECEIVERS + 10);
    assert_eq!(ids(&pages(&store, 1_000, LONG)).len(), 3_000);
}

#[test]
fn a_page_whose_time_is_up_names_the_next_one_and_still_moves() {
    let mut store = Memory::with((0..40).map(|number| group_with(number, [number, number + 1])));
    store.greens.latest = latest(0..41);
    let pages = pages(&store, 50, Duration::ZERO);
    assert!(pages.len() > 4, "{}", pages.len());
    let mut listed = ids(&pages);
    listed.sort_unstable();
    listed.dedup();
    assert_eq!(listed.len(), 40);
}

#[test]
fn a_page_of_large_groups_with_the_longest_texts_fits_into_a_response() {
    // Each character takes four bytes in a response: JSON encodes the quote, and Lambda encodes both again.
    let text = "\"".repeat(255);
    let texts = || ShortText::try_from(text.clone()).unwrap();
    let large = |number: usize| EventReceiverGroup {
        name: texts(),
        r#type: texts(),
        version: texts(),
        ..group_with(number, (0..500).map(|index| number * 500 + index))
    };
    let small = |number: usize| EventReceiverGroup {
        name: texts(),
        r#type: texts(),
        version: texts(),
        ..group_with(10 + number, [number])
    };
    for groups in [(0..4).map(large).collect::<Vec<_>>(), (0..1_000).map(small).collect()] {
        let mut store = Memory::with(groups);
        store.reds.latest = latest(0..2_000);
        store.names = (0..2_000).map(numbered).map(|id| name(id, &text)).collect();
        store.gates = store.groups.values().map(gate_of).collect();
        let mut listed = 0;
        for page in pages(&store, 1_000, LONG) {
            let body = serde_json::to_string(&page.gates).unwrap();
            let response = serde_json::to_string(&body).unwrap();
            assert!(response.len() < 5_000_000, "{} gates: {}", page.gates.len(), response.len());
            listed += page.gates.len();
        }
        assert_eq!(listed, store.groups.len());
    }
}

/// Groups of up to 30 receivers, and the receivers with events.
fn facts() -> impl Strategy<Value = (Vec<EventReceiverGroup>, Latest, Latest, Vec<bool>)> {
    let groups = vec(btree_set(0..30_usize, 0..6), 0..40);
    let receivers = || btree_set(0..30_usize, 0..20);
    (groups, receivers(), receivers(), vec(any::<bool>(), 40)).prop_map(|(groups, green, red, complete)| {
        let groups = groups.into_iter().enumerate();
        let groups = groups.map(|(number, receivers)| group_with((number * 7) % 40, receivers)).collect();
        (groups, latest(green), latest(red), complete)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_group_that_concerns_the_artifact_is_on_one_page(
        (groups, green, red, complete) in facts(),
        gates in 1..10_usize,
        time in prop_oneof![Just(Duration::ZERO), Just(LONG)],
    ) {
        let mut store = Memory::with(groups);
        store.greens.latest = green;
        store.reds.latest = red;
        let once_complete = store.groups.values().zip(complete).filter(|(group, complete)| {
            *complete && !group.event_receiver_ids.is_empty()
        });
        store.gates = once_complete.map(|(group, _)| gate_of(group)).collect::<BTreeMap<_, _>>();
        let concerns = |group: &&EventReceiverGroup| {
            let has_event = |receiver: &ReceiverId| {
                [&store.greens.latest, &store.reds.latest].iter().any(|latest| latest.get(*receiver).is_some())
            };
            group.event_receiver_ids.iter().any(has_event) || store.gates.contains_key(&group.id)
        };
        let expected: Vec<_> = store.groups.values().filter(concerns).map(|group| group.id.to_string()).collect();
        let pages = pages(&store, gates, time);
        prop_assert!(pages.iter().all(|page| page.gates.len() <= gates));
        let mut listed = ids(&pages);
        listed.sort_unstable();
        prop_assert_eq!(listed, expected);
    }
}
