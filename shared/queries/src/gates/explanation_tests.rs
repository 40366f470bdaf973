use insta::assert_snapshot;
use proptest::{collection::vec, prelude::*};
use xzepr_fixtures::event;

use super::*;
use crate::gates::testing::{completed, event_at, greens, group_of, lag, names, now, reds};

fn explain(group: &EventReceiverGroup, greens: &Greens, reds: &Reds, gate: &Gate) -> Explanation {
    let artifact = event().artifact();
    let names = names();
    Facts { artifact: &artifact, greens, reds, names: &names, lag: Some(lag()), now: now() }
        .explain(group, gate)
}

fn json(explanation: &Explanation) -> String {
    serde_json::to_string(explanation).unwrap()
}

#[test]
fn each_member_is_green_red_or_missing_and_the_others_are_the_reasons() {
    let mut greens = greens(&[(0, 100), (1, 10)]);
    greens.overrides.insert(event_at(100));
    let explanation = explain(&group_of(3), &greens, &reds(&[(0, 99), (1, 120)]), &Gate::default());
    assert_snapshot!(json(&explanation), @r#"{"group_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","enabled":true,"complete":false,"completions":0,"last":null,"members":[{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1A","name":"build","type":"com.example.build","state":"green","event_id":"01HJ1K5NRN0000000000000000","created_at":"2023-12-19T17:49:56.373Z","age_s":200,"override":true},{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1B","name":"scan","type":"com.example.scan","state":"red","event_id":"01HJ1K699N0000000000000000","created_at":"2023-12-19T17:50:16.373Z","age_s":180},{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1C","name":"sign","type":"com.example.sign","state":"missing","event_id":null,"created_at":null,"age_s":null}],"blocked_by":["scan (01HJ1K2M3N4P5Q6R7S8T9V0W1B) has failed: event 01HJ1K699N0000000000000000, 3 minutes ago","sign (01HJ1K2M3N4P5Q6R7S8T9V0W1C) has no event yet"],"greens":{"lag_ms":240,"measured_at":"2023-12-19T17:53:16.373Z"}}"#);
}

#[test]
fn a_complete_group_that_was_announced_is_blocked_by_nothing() {
    let events = [(0, 1), (1, 2)];
    let gate = completed(&events, 3);
    assert_snapshot!(json(&explain(&group_of(2), &greens(&events), &reds(&[]), &gate)), @r#"{"group_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","enabled":true,"complete":true,"completions":1,"last":{"event_id":"01HJ1K2Q1D0000000000000000","completion":1,"at":"2023-12-19T17:48:19.373Z","events":[{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1A","event_id":"01HJ1K2N2X0000000000000000"},{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1B","event_id":"01HJ1K2P250000000000000000"}]},"members":[{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1A","name":"build","type":"com.example.build","state":"green","event_id":"01HJ1K2N2X0000000000000000","created_at":"2023-12-19T17:48:17.373Z","age_s":299},{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1B","name":"scan","type":"com.example.scan","state":"green","event_id":"01HJ1K2P250000000000000000","created_at":"2023-12-19T17:48:18.373Z","age_s":298}],"blocked_by":[],"greens":{"lag_ms":240,"measured_at":"2023-12-19T17:53:16.373Z"}}"#);
}

#[test]
fn a_group_that_failed_after_its_completion_still_tells_of_it() {
    let events = [(0, 1), (1, 2)];
    let explanation = explain(&group_of(2), &greens(&events), &reds(&[(1, 240)]), &completed(&events, 3));
    assert!(!explanation.complete && explanation.completions == 1);
    assert_eq!(explanation.last.unwrap().completion, 1);
    let event = event_at(240);
    assert_eq!(
        explanation.blocked_by,
        [format!("scan (01HJ1K2M3N4P5Q6R7S8T9V0W1B) has failed: event {event}, 1 minute ago")]
    );
}

#[test]
fn a_member_whose_event_completed_the_group_is_not_said_to_have_none_while_the_index_lacks_it() {
    let explanation = explain(&group_of(2), &greens(&[(1, 2)]), &reds(&[]), &completed(&[(0, 1), (1, 2)], 3));
    assert!(!explanation.complete);
    assert_eq!(explanation.members[0].state, State::Missing);
    let event = event_at(1);
    assert_eq!(
        explanation.blocked_by,
        [format!(
            "build (01HJ1K2M3N4P5Q6R7S8T9V0W1A) has event {event} or a later one, which the index lacks: it is being \
             rebuilt, or must be"
        )]
    );
}

#[test]
fn a_disabled_group_and_an_empty_one_are_never_complete() {
    let disabled = EventReceiverGroup { enabled: false, ..group_of(1) };
    let explanation = explain(&disabled, &greens(&[(0, 1)]), &reds(&[]), &Gate::default());
    assert!(!explanation.complete);
    assert_eq!(explanation.blocked_by, ["the group is disabled"]);
    let explanation = explain(&group_of(0), &greens(&[(0, 1)]), &reds(&[]), &Gate::default());
    assert!(!explanation.complete);
    assert_eq!(explanation.blocked_by, ["the group has no receivers"]);
    let explanation = explain(
        &EventReceiverGroup { enabled: false, ..group_of(0) },
        &greens(&[]),
        &reds(&[]),
        &Gate::default(),
    );
    assert_eq!(explanation.blocked_by.len(), 2);
}

/// The only reason why a group is not done.
fn reason(group: &EventReceiverGroup, green: &[(usize, i64)], red: &[(usize, i64)], gate: &Gate) -> String {
    let explanation = explain(group, &greens(green), &reds(red), gate);
    assert!(explanation.complete);
    let [reason] = &explanation.blocked_by[..] else { panic!("{:?}", explanation.blocked_by) };
    reason.clone()
}

#[test]
fn a_completion_that_is_not_announced_yet_names_the_event_that_announces_it() {
    let none = Gate::default();
    let event = event_at(240);
    assert_eq!(
        reason(&group_of(2), &[(0, 1), (1, 240)], &[], &none),
        format!(
            "complete, and not announced since event {event}, 1 minute ago: the evaluation of that event announces it"
        )
    );
    let failed_between = reason(&group_of(1), &[(0, 240)], &[(0, 200)], &completed(&[(0, 1)], 2));
    assert!(failed_between.ends_with("the evaluation of that event announces it"), "{failed_between}");
    let event = event_at(-60);
    assert_eq!(
        reason(&group_of(1), &[(0, -60)], &[], &none),
        format!(
            "complete, and not announced since event {event}, 6 minutes ago: the group was created after it, \
             5 minutes ago; the next event of one of its receivers announces it"
        )
    );
    let enabled = EventReceiverGroup { updated_at: event_at(60).time(), ..group_of(1) };
    let event = event_at(1);
    assert_eq!(
        reason(&enabled, &[(0, 1)], &[], &none),
        format!(
            "complete, and not announced since event {event}, 4 minutes ago: the group was enabled after it, \
             4 minutes ago; the next event of one of its receivers announces it"
        )
    );
}

#[test]
fn an_event_that_was_posted_again_is_announced_by_a_group_that_repeats() {
    let gate = completed(&[(0, 1)], 2);
    let again = greens(&[(0, 240)]);
    assert!(explain(&group_of(1), &again, &reds(&[]), &gate).blocked_by.is_empty());
    let repeating = EventReceiverGroup { repeat: true, ..group_of(1) };
    assert_eq!(explain(&repeating, &again, &reds(&[]), &gate).blocked_by.len(), 1);
}

#[test]
fn a_receiver_that_cannot_be_read_is_named_by_its_id() {
    let artifact = event().artifact();
    let (names, greens, reds) = (HashMap::new(), greens(&[]), reds(&[]));
    let facts =
        Facts { artifact: &artifact, greens: &greens, reds: &reds, names: &names, lag: None, now: now() };
    let explanation = facts.explain(&group_of(1), &Gate::default());
    assert_eq!(explanation.blocked_by, ["01HJ1K2M3N4P5Q6R7S8T9V0W1A has no event yet"]);
    assert_eq!((&explanation.members[0].name, explanation.greens.lag_ms), (&None, None));
}

fn events() -> impl Strategy<Value = Vec<(usize, i64)>> {
    vec((0..3_usize, 0..4_i64), 0..6)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_group_is_called_complete_exactly_when_it_is_enabled_and_no_failure_is_the_latest_event(
        members in 0..=3_usize,
        enabled in any::<bool>(),
        green in events(),
        red in events(),
        completed_before in any::<bool>(),
    ) {
        let (green, red) = (greens(&green), reds(&red));
        let group = EventReceiverGroup { enabled, ..group_of(members) };
        let gate = if completed_before { completed(&[(0, 1), (1, 1), (2, 1)], 2) } else { Gate::default() };
        let explanation = explain(&group, &green, &red, &gate);
        let is_green = |receiver: &ReceiverId| {
            green.latest.get(*receiver).is_some_and(|event| red.latest.get(*receiver).is_none_or(|red| red < event))
        };
        let is_complete = enabled && members > 0 && group.event_receiver_ids.iter().all(is_green);
        prop_assert_eq!(explanation.complete, is_complete);
        prop_assert!(is_complete || !explanation.blocked_by.is_empty());
        prop_assert_eq!(explanation.members.len(), members);
    }
}
