//! Several routes, and the records that they make.

use xzepr_domain::Event;
use xzepr_fixtures::{event_with_id, group, receiver};
use xzepr_messages::Decision;

use super::fakes::{Function, Record, function, id, list, reconcile};

/// Puts on the topics the records that the routes make of the events of the table.
fn publish(function: &mut Function) {
    let receiver = function.table.receivers.first();
    for event in &function.table.events {
        for route in function.messages.routes() {
            if function.messages.decide(route, event, receiver) != Decision::Matches {
                continue;
            }
            let message = function.messages.message(route, event, receiver).ok().flatten();
            function.kafka.records.extend(message.map(|message| Record {
                topic: message.topic.to_string(),
                key: message.key,
                headers: message.headers,
                value: message.value,
            }));
        }
    }
}

/// An event that a route with `name: deploy` takes.
fn deploy(second: u64) -> Event {
    Event { name: "deploy".to_owned().try_into().unwrap(), ..event_with_id(id(second)) }
}

const TWO: &str = "routes:
  - {name: all, topic: all, format: cloudevents-binary, key: artifact}
  - {name: deploys, topic: '{name}s', format: xzepr, key: receiver, when: {name: deploy}}";

#[tokio::test]
async fn every_topic_that_the_events_name_is_compared() {
    let mut function = function(TWO, [1, 2]);
    function.table.events.push(deploy(3));
    publish(&mut function);
    let report = reconcile(&function).await;
    assert!(
        report.contains(r#""accepted":3,"unrouted":0,"skipped":0,"expected":4,"published":4,"#),
        "{report}"
    );
    assert!(report.contains(r#"{"topic":"all","expected":3,"published":3,"#), "{report}");
    assert!(report.contains(r#"{"topic":"deploys","expected":1,"published":1,"#), "{report}");
    for name in ["missing", "dead_letters", "doubled", "unknown"] {
        assert_eq!(report.matches(&list(name, &[])).count(), 3, "{report}");
    }
}

#[tokio::test]
async fn a_topic_that_lacks_a_record_or_has_one_too_many_comes_first() {
    let mut function = function(TWO, [1, 2]);
    function.table.events.extend([deploy(3), deploy(4)]);
    publish(&mut function);
    let lost = |record: &Record| record.topic == "deploys";
    let index = function.kafka.records.iter().position(lost).unwrap();
    let mut other = function.kafka.records.remove(index);
    other.value =
        String::from_utf8(other.value).unwrap().replace(&id(3).to_string(), &id(9).to_string()).into();
    function.kafka.records.push(other);
    let report = reconcile(&function).await;
    let (totals, topics) = report.split_once(r#""topics":[{"topic":"deploys","expected":2,"#).unwrap();
    for text in [totals, topics.split_once("all").unwrap().0] {
        assert!(text.contains(&list("missing", &[3])) && text.contains(&list("unknown", &[9])), "{report}");
    }
}

#[tokio::test]
async fn two_routes_to_one_topic_make_two_records_of_an_event() {
    let settings = "routes: [{name: a, topic: t}, {name: b, topic: t, format: epr, key: receiver}]";
    let mut function = function(settings, [1, 2, 3]);
    function.table.receivers = vec![receiver()];
    publish(&mut function);
    // The first event has one record, the second two, the third three.
    function.kafka.records.remove(0);
    let third = function.kafka.records.last().unwrap().clone();
    function.kafka.records.push(third);
    let report = reconcile(&function).await;
    assert!(
        report.contains(r#""accepted":3,"unrouted":0,"skipped":0,"expected":6,"published":5,"#),
        "{report}"
    );
    assert!(report.contains(&list("missing", &[1])), "{report}");
    assert!(report.contains(&list("doubled", &[3])), "{report}");
    function.dead_letters.routes = vec![(id(1), "a")];
    let report = reconcile(&function).await;
    assert!(report.contains(&list("missing", &[])), "{report}");
    assert!(report.contains(&list("dead_letters", &[1])), "{report}");
}

#[tokio::test]
async fn a_dead_letter_of_another_topics_route_explains_no_missing_record() {
    let mut function = function("routes: [{name: a, topic: a}, {name: b, topic: b}]", [1]);
    function.dead_letters.routes = vec![(id(1), "b")];
    let report = reconcile(&function).await;
    assert!(report.contains(r#""expected":2,"published":0,"#), "{report}");
    let none = |name| list(name, &[]);
    let only = |name| list(name, &[1]);
    let a = format!(
        r#"{{"topic":"a","expected":1,"published":0,"replayed":0,{},{}"#,
        only("missing"),
        none("dead_letters")
    );
    let b = format!(
        r#"{{"topic":"b","expected":1,"published":0,"replayed":0,{},{}"#,
        none("missing"),
        only("dead_letters")
    );
    assert!(report.contains(&a) && report.contains(&b), "{report}");
}

#[tokio::test]
async fn unrouted_events_are_counted_and_expected_nowhere() {
    let settings = "routes:
      - {name: deploys, topic: t, when: {name: deploy}}
      - {name: cd, topic: t, format: cdevents, when: {name: [deploy, test]}}";
    let mut function = function(settings, [1, 2]);
    let test = Event { name: "test".to_owned().try_into().unwrap(), ..event_with_id(id(3)) };
    function.table.events.extend([test, deploy(4)]);
    publish(&mut function);
    let report = reconcile(&function).await;
    assert!(
        report.contains(r#""accepted":4,"unrouted":2,"skipped":1,"expected":1,"published":1,"#),
        "{report}"
    );
}

#[tokio::test]
async fn an_event_whose_topic_cannot_be_named_must_be_a_dead_letter() {
    let settings = "routes:
      - {name: by-type, topic: 'of.{receiver_type}', when: {kind: event}}
      - {name: by-name, topic: '{name}'}
      - {name: builds, topic: builds, when: {receiver_type: '*', name: build}}";
    let mut function = function(settings, []);
    let named =
        |second, name: &str| Event { name: name.to_owned().try_into().unwrap(), ..event_with_id(id(second)) };
    // The receiver is missing, so the routes by its type are open. Underscores alone are no topic.
    function.table.events = vec![named(1, "build"), named(2, "___")];
    function.dead_letters.routes = vec![(id(1), "by-type"), (id(1), "builds"), (id(2), "by-name")];
    publish(&mut function);
    let report = reconcile(&function).await;
    assert!(
        report.contains(r#""accepted":2,"unrouted":0,"skipped":0,"expected":5,"published":1,"#),
        "{report}"
    );
    let dead = format!(r#""dead_letters":{{"count":3,"ids":["{}","{}"]}}"#, id(1), id(2));
    assert!(report.contains(&dead) && report.contains(&list("missing", &[2])), "{report}");
    let topics = report.split_once(r#""topics":"#).unwrap().1;
    assert_eq!(topics.matches(r#""topic":"#).count(), 2, "{report}");
}

#[tokio::test]
async fn the_records_of_all_formats_on_one_topic_are_told_apart() {
    let settings = "routes:
      - {name: a, topic: t, format: xzepr, key: receiver}
      - {name: b, topic: t, format: epr, key: artifact}
      - {name: c, topic: t, format: cloudevents}
      - {name: d, topic: t, format: cloudevents-binary, key: receiver}
      - {name: e, topic: t, format: cdevents}";
    let mut function = function(settings, [1]);
    // Its own id is an event's, and that event has no record.
    let cdevent = format!(
        r#"{{"context":{{"specversion":"0.5.1","id":"{}","source":"s","type":"dev.cdevents.a.b.0.1.0",
        "timestamp":"2023-03-20T14:27:05Z"}},"subject":{{"id":"s","content":{{}}}},"id":"{}"}}"#,
        id(7),
        id(8)
    );
    let cdevent = Event { payload: cdevent.try_into().unwrap(), ..event_with_id(id(2)) };
    let created_receiver = Event::receiver_created(&receiver(), id(3));
    let created_group = Event::group_created(&group(), id(4));
    function.table.events.extend([cdevent, created_receiver, created_group]);
    function.table.receivers = vec![receiver()];
    publish(&mut function);
    assert_eq!(function.kafka.records.len(), 17);
    let report = reconcile(&function).await;
    assert!(report.contains(r#""expected":17,"published":17,"#), "{report}");
    for name in ["missing", "dead_letters", "doubled", "unknown"] {
        assert!(report.contains(&list(name, &[])), "{report}");
    }
}

#[tokio::test]
async fn a_receivers_id_in_a_key_is_no_event() {
    let mut function = function("routes: [{name: a, topic: t, key: receiver}]", [1]);
    let in_range = Event { event_receiver_id: id(5).to_string().parse().unwrap(), ..event_with_id(id(2)) };
    function.table.events.push(in_range);
    publish(&mut function);
    let report = reconcile(&function).await;
    assert!(report.contains(r#""expected":2,"published":2,"#), "{report}");
    assert!(report.contains(&list("unknown", &[])), "{report}");
}

#[tokio::test]
async fn a_fixed_topic_is_read_although_no_event_goes_there() {
    let mut function =
        function("routes: [{name: a, topic: a, when: {name: x}}, {name: b, topic: '{name}'}]", []);
    function.kafka.records = vec![Record { topic: "a".to_owned(), ..Record::of(id(1)) }];
    let report = reconcile(&function).await;
    assert_eq!(function.table.reads.take(), ["table", "dead letters", "a"]);
    assert!(report.contains(&list("unknown", &[1])), "{report}");
}
