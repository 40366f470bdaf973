use std::collections::BTreeSet;

use super::*;
use crate::{
    artifact::Artifact,
    event_kind::EventKind,
    event_receiver_group::{EventReceiverGroup, EventReceiverGroupRequest},
    id::{EventId, GroupId, ReceiverId},
    text::ShortText,
};

const A: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1A";
const B: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1B";

fn group(options: &str) -> EventReceiverGroup {
    let body = format!(
        r#"{{"name":"gate","type":"com.example.gate","version":"1","description":"d","enabled":true,
            "event_receiver_ids":["{A}","{B}"]{options}}}"#
    );
    let existing = [A, B].map(|id| id.parse().unwrap()).into();
    EventReceiverGroupRequest::parse(&body).unwrap().accept(&existing, GroupId::generate()).unwrap()
}

fn artifact() -> Artifact {
    let text = |text: &str| ShortText::try_from(text.to_owned()).unwrap();
    Artifact {
        name: text("n"),
        version: text("1"),
        release: text("r"),
        platform_id: text("p"),
        package: text("k"),
    }
}

fn latest(events: &[(&str, u64)]) -> Latest {
    let event = |(receiver, ms): &(&str, u64)| -> (ReceiverId, EventId) {
        (receiver.parse().unwrap(), EventId::first_of(*ms))
    };
    events.iter().map(event).collect()
}

fn greens(events: &[(&str, u64)]) -> Greens {
    Greens { latest: latest(events), overrides: BTreeSet::new() }
}

fn reds(events: &[(&str, u64)]) -> Reds {
    Reds { latest: latest(events), revision: events.len() as u64 }
}

#[test]
fn a_group_is_complete_when_the_latest_event_of_each_member_is_successful() {
    let evaluated = |greens: &Greens, reds: &Reds| {
        evaluate(&group(""), &artifact(), greens, reds, &Gate::default(), EventId::generate()).is_some()
    };
    assert!(!evaluated(&greens(&[(A, 1)]), &reds(&[])));
    assert!(!evaluated(&greens(&[(A, 1), (B, 2)]), &reds(&[(A, 3)])));
    assert!(evaluated(&greens(&[(A, 1), (B, 2)]), &reds(&[])));
    assert!(evaluated(&greens(&[(A, 3), (B, 2)]), &reds(&[(A, 1)])));
}

#[test]
fn a_group_without_members_is_never_complete() {
    let group = EventReceiverGroup { event_receiver_ids: Vec::new(), ..group("") };
    assert_eq!(
        evaluate(&group, &artifact(), &greens(&[(A, 1)]), &reds(&[]), &Gate::default(), EventId::generate()),
        None
    );
}

#[test]
fn a_completion_is_repeated_only_after_a_failure_or_for_a_group_that_repeats() {
    let first = evaluate(
        &group(""),
        &artifact(),
        &greens(&[(A, 1), (B, 2)]),
        &reds(&[]),
        &Gate::default(),
        EventId::generate(),
    );
    let gate = first.unwrap().gate;
    assert_eq!((gate.revision, gate.completions, gate.basis.len()), (1, 1, 2));
    let again = |group: &EventReceiverGroup, greens: &Greens, reds: &Reds| {
        evaluate(group, &artifact(), greens, reds, &gate, EventId::generate())
            .map(|commit| commit.gate.completions)
    };
    let posted_again = greens(&[(A, 5), (B, 2)]);
    assert_eq!(again(&group(""), &posted_again, &reds(&[])), None);
    assert_eq!(again(&group(r#","repeat":true"#), &posted_again, &reds(&[])), Some(2));
    assert_eq!(again(&group(r#","repeat":true"#), &greens(&[(A, 1), (B, 2)]), &reds(&[])), None);
    assert_eq!(again(&group(""), &posted_again, &reds(&[(A, 3)])), Some(2));
    assert_eq!(again(&group(""), &greens(&[(A, 1), (B, 2)]), &reds(&[(A, 3)])), None);
}

#[test]
fn a_completion_never_rests_on_an_earlier_event_of_a_member_than_the_one_before() {
    let basis = latest(&[(A, 5), (B, 2)]);
    let gate = Gate { revision: 2, completions: 2, basis, ..Gate::default() };
    for options in ["", r#","repeat":true"#] {
        let again = |greens: &Greens| {
            let reds = reds(&[(B, 3)]);
            let commit = evaluate(&group(options), &artifact(), greens, &reds, &gate, EventId::generate());
            commit.map(|commit| commit.gate.basis)
        };
        // The index is being written again, and has the first event of A alone.
        assert_eq!(again(&greens(&[(A, 1), (B, 6)])), None);
        assert_eq!(again(&greens(&[(A, 5), (B, 6)])), Some(latest(&[(A, 5), (B, 6)])));
    }
}

#[test]
fn the_end_of_a_completion_is_announced_once_and_before_the_next_completion() {
    let group = group(r#","notify_incomplete":true"#);
    let evaluated = |greens: &Greens, reds: &Reds, gate: &Gate| {
        evaluate(&group, &artifact(), greens, reds, gate, EventId::generate())
    };
    let green = greens(&[(A, 1), (B, 2)]);
    let gate = evaluated(&green, &reds(&[]), &Gate::default()).unwrap().gate;
    let end = evaluated(&green, &reds(&[(B, 3)]), &gate).unwrap();
    assert_eq!(end.reds_revision, None);
    let event = end.events.incomplete.clone().unwrap();
    assert_eq!((event.kind, event.success), (EventKind::GroupIncomplete, false));
    assert!(end.events.complete.is_none());
    let group_id = group.id.to_string();
    insta::assert_snapshot!(event.payload.as_str().replace(&group_id, "GROUP"), @r#"{"group_id":"GROUP","name":"gate","type":"com.example.gate","version":"1","description":"d","completion":1,"failed":[{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1B","event_id":"00000000030000000000000000"}],"receiver_ids":["01HJ1K2M3N4P5Q6R7S8T9V0W1A","01HJ1K2M3N4P5Q6R7S8T9V0W1B"]}"#);
    assert_eq!(evaluated(&green, &reds(&[(B, 3), (A, 4)]), &end.gate), None);
    // The failure and the next success are seen at once.
    let both = evaluated(&greens(&[(A, 1), (B, 5)]), &reds(&[(B, 3)]), &gate).unwrap();
    let [incomplete, complete] = both.events.iter().collect::<Vec<_>>()[..] else { panic!("two events") };
    assert!(incomplete.id < complete.id && both.reds_revision == Some(1));
    assert_eq!((both.gate.completions, both.gate.incomplete), (2, 1));
}

#[test]
fn the_event_of_a_completion_names_the_events_that_it_rests_on() {
    let mut greens = greens(&[(A, 1), (B, 2)]);
    greens.overrides.insert(EventId::first_of(1));
    let commit =
        evaluate(&group(""), &artifact(), &greens, &reds(&[]), &Gate::default(), EventId::generate())
            .unwrap();
    let event = commit.events.complete.unwrap();
    assert_eq!((event.kind, event.success), (EventKind::GroupComplete, true));
    assert_eq!((event.message_type(), &*event.name), ("com.example.gate", "n"));
    assert_eq!(event.event_receiver_id.to_string(), commit.group.to_string());
    let group = commit.group.to_string();
    insta::assert_snapshot!(
        event.payload.as_str().replace(&group, "GROUP"),
        @r#"{"group_id":"GROUP","name":"gate","type":"com.example.gate","version":"1","description":"d","completion":1,"trigger_event_id":"00000000020000000000000000","events":[{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1A","event_id":"00000000010000000000000000","override":true},{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1B","event_id":"00000000020000000000000000"}]}"#
    );
}

#[test]
fn a_commit_holds_as_long_as_the_facts_are_as_they_were_read() {
    let commit = evaluate(
        &group(""),
        &artifact(),
        &greens(&[(A, 1), (B, 2)]),
        &reds(&[]),
        &Gate::default(),
        EventId::generate(),
    )
    .unwrap();
    assert!(commit.holds(&Gate::default(), &reds(&[]), true));
    assert!(!commit.holds(&Gate::default(), &reds(&[]), false));
    assert!(!commit.holds(&Gate::default(), &reds(&[(A, 3)]), true));
    assert!(!commit.holds(&commit.gate, &reds(&[]), true));
}
