//! The check finds each kind of fault, and none where there is none.

use super::*;

const A: &str = "a";
const B: &str = "b";

/// The id that is made at this time.
fn id(ms: Ms) -> String {
    ulid::Ulid::from_parts(ms, 0).to_string()
}

fn group() -> LoggedGroup {
    LoggedGroup {
        id: "g".to_owned(),
        members: vec![A.to_owned(), B.to_owned()],
        is_enabled: true,
        repeat: false,
        notify_incomplete: false,
    }
}

/// An event that is made at this time, with its response 2 ms later.
fn event(receiver: &str, success: bool, ms: Ms) -> LoggedEvent {
    LoggedEvent {
        id: id(ms),
        receiver: receiver.to_owned(),
        artifact: "artifact".to_owned(),
        success,
        responded: ms + 2,
    }
}

/// A message whose id is made at this time, and which arrives 5 ms later.
fn message(completion: u64, is_complete: bool, events: &[(&str, Ms)], ms: Ms) -> GateMessage {
    GateMessage {
        id: id(ms),
        group: "g".to_owned(),
        artifact: "artifact".to_owned(),
        completion,
        is_complete,
        events: events.iter().map(|(receiver, ms)| ((*receiver).to_owned(), id(*ms))).collect(),
        arrived: ms + 5,
    }
}

fn complete(completion: u64, a: Ms, b: Ms, ms: Ms) -> GateMessage {
    message(completion, true, &[(A, a), (B, b)], ms)
}

fn log(group: LoggedGroup, events: &[(&str, bool, Ms)]) -> GateLog {
    let events = events.iter().map(|(receiver, success, ms)| event(receiver, *success, *ms)).collect();
    GateLog { groups: vec![group], events, ..GateLog::default() }
}

/// How many are missing, wrong and doubled.
fn counts(log: &GateLog, messages: &[GateMessage]) -> (usize, usize, usize) {
    let report = log.check(messages);
    (report.missing.len(), report.wrong.len(), report.doubled.len())
}

#[test]
fn a_completion_that_is_due_must_be_there_once() {
    let log = log(group(), &[(A, true, 10), (B, true, 20)]);
    let report = log.check(&[complete(1, 10, 20, 30)]);
    assert!(report.is_faultless() && report.due == 1 && report.completions == 1, "{report:?}");
    assert_eq!(counts(&log, &[]), (1, 0, 0));
    assert_eq!(counts(&log, &[complete(1, 10, 20, 30), complete(1, 10, 20, 31)]), (0, 0, 1));
    assert_eq!(counts(&log, &[complete(1, 10, 20, 30), complete(2, 10, 20, 31)]), (0, 1, 0));
}

#[test]
fn a_completion_against_an_accepted_failure_is_wrong() {
    let log = log(group(), &[(A, true, 10), (A, false, 12), (B, true, 20)]);
    assert_eq!(counts(&log, &[]), (0, 0, 0));
    assert_eq!(counts(&log, &[complete(1, 10, 20, 30)]), (0, 1, 0));
    // The failure may have been stored after the commit.
    let report = log.check(&[complete(1, 10, 20, 13)]);
    assert!(report.is_faultless() && report.undecided == 1, "{report:?}");
}

#[test]
fn a_completion_rests_on_accepted_successes_of_all_receivers() {
    let log = log(group(), &[(A, true, 10), (B, true, 20)]);
    assert_eq!(counts(&log, &[complete(1, 11, 20, 30)]).1, 1);
    assert_eq!(counts(&log, &[message(1, true, &[(A, 10)], 30)]).1, 1);
    let other = GateMessage { group: "other".to_owned(), ..complete(1, 10, 20, 30) };
    assert_eq!(counts(&log, &[complete(1, 10, 20, 30), other]).1, 1);
}

#[test]
fn a_further_completion_needs_a_failure_between() {
    let events = [(A, true, 10), (B, true, 20), (A, false, 40), (A, true, 50)];
    let log = log(group(), &events);
    assert_eq!(counts(&log, &[complete(1, 10, 20, 30), complete(2, 50, 20, 60)]), (0, 0, 0));
    assert_eq!(counts(&log, &[complete(1, 10, 20, 30)]), (1, 0, 0));
    assert_eq!(counts(&log, &[complete(1, 10, 20, 30), complete(3, 50, 20, 60)]), (0, 1, 0));
    let posted_again =
        GateLog { events: log.events.iter().filter(|event| event.success).cloned().collect(), ..log };
    assert_eq!(counts(&posted_again, &[complete(1, 10, 20, 30)]), (0, 0, 0));
    assert_eq!(counts(&posted_again, &[complete(1, 10, 20, 30), complete(2, 50, 20, 60)]), (0, 1, 0));
}

#[test]
fn a_group_that_repeats_completes_for_each_later_event() {
    let repeating = || LoggedGroup { repeat: true, ..group() };
    let log = log(repeating(), &[(A, true, 10), (B, true, 20), (A, true, 50)]);
    assert_eq!(counts(&log, &[complete(1, 10, 20, 30)]), (1, 0, 0));
    assert_eq!(counts(&log, &[complete(1, 10, 20, 30), complete(2, 50, 20, 60)]), (0, 0, 0));
    let again = [complete(1, 10, 20, 30), complete(2, 50, 20, 60), complete(3, 50, 20, 70)];
    assert_eq!(counts(&log, &again), (0, 1, 0));
}

#[test]
fn the_end_of_a_completion_is_announced_once_and_only_after_a_failure() {
    let notifying = || LoggedGroup { notify_incomplete: true, ..group() };
    let events = [(A, true, 10), (B, true, 20), (A, false, 40)];
    let first = || complete(1, 10, 20, 30);
    let end = |ms| message(1, false, &[(A, 40)], ms);
    let ended = log(notifying(), &events);
    assert_eq!(counts(&ended, &[first()]), (1, 0, 0));
    assert_eq!(counts(&ended, &[first(), end(45)]), (0, 0, 0));
    assert_eq!(counts(&ended, &[first(), end(45), end(46)]), (0, 0, 1));
    assert_eq!(counts(&ended, &[first(), message(1, false, &[(B, 20)], 45)]), (0, 1, 0));
    assert_eq!(counts(&log(group(), &events), &[first(), end(45)]), (0, 1, 0));
    let followed = log(notifying(), &[events[0], events[1], events[2], (A, true, 50)]);
    assert_eq!(counts(&followed, &[first(), complete(2, 50, 20, 60)]), (1, 0, 0));
    assert_eq!(counts(&followed, &[first(), end(45), complete(2, 50, 20, 60)]), (0, 0, 0));
}

#[test]
fn a_disabled_group_must_not_complete_and_need_not_after_it_is_enabled() {
    let disabled = || LoggedGroup { is_enabled: false, ..group() };
    let mut log = log(disabled(), &[(A, true, 10), (B, true, 20)]);
    assert_eq!(counts(&log, &[]), (0, 0, 0));
    assert_eq!(counts(&log, &[complete(1, 10, 20, 30)]), (0, 1, 0));
    let patch = |enabled, sent| LoggedPatch { group: "g".to_owned(), enabled, sent, responded: sent + 4 };
    log.patches.push(patch(true, 33));
    assert_eq!(counts(&log, &[]), (0, 0, 0));
    assert_eq!(counts(&log, &[complete(1, 10, 20, 30)]), (0, 0, 0));
    log.events.push(event(A, true, 40));
    assert_eq!(counts(&log, &[]), (1, 0, 0));
    log.patches.push(patch(false, 50));
    assert_eq!(counts(&log, &[]), (0, 0, 0));
    assert_eq!(counts(&log, &[complete(1, 40, 20, 60)]), (0, 1, 0));
}

#[test]
fn an_artifact_with_a_post_without_a_response_is_not_checked() {
    let mut log = log(group(), &[(A, true, 10), (B, true, 20)]);
    log.uncertain.insert("artifact".to_owned());
    assert_eq!(counts(&log, &[complete(7, 1, 2, 30)]), (0, 0, 0));
}
