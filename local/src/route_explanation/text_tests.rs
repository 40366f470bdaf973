use xzepr_domain::EventId;
use xzepr_fixtures::{event, group, receiver};
use xzepr_settings::Settings;

use super::*;

const ROUTES: &str = "
environment: prod
routes:
- {name: all, topic: '{environment}.{package}', format: cloudevents}
- {name: failures, topic: failures, when: {success: false, name: 'deploy.*'}}
- {name: builds, topic: builds, key: artifact, when: {receiver_type: 'com.example.*'}}
- {name: cd, topic: cd, format: cdevents}
- {name: epr, topic: epr, format: epr, key: receiver}
";

fn messages(file: &str) -> Messages {
    Messages::new(Settings::new(|_| None, file).unwrap().messages().unwrap())
}

fn explain(file: &str, event: Event, is_stored: bool, receiver: &Receiver) -> String {
    of(&messages(file), &ExplainedEvent { event, is_stored }, receiver)
}

fn known() -> Receiver {
    Receiver::Known(Box::new(receiver()))
}

#[test]
fn each_route_has_a_block_with_its_place_or_its_reasons() {
    let event = event();
    let id = event.id;
    assert_eq!(
        explain(ROUTES, event, true, &known()),
        format!(
            r#"Event {id}
  type: build
  platform_id: kubernetes
  package: myapp
  success: true
  kind: event
  receiver_id: 01HJ1K2M3N4P5Q6R7S8T9V0W1X
  receiver_type: com.example.build

Route all matches:
  topic: prod.myapp
  key: {id}
  format: cloudevents

Route failures does not match:
  success is "true", and the route accepts false
  name is "build", and the route accepts deploy.*

Route builds matches:
  topic: builds
  key: build/2.1.0/2.1.0-rc.1/kubernetes/myapp
  format: xzepr

Route cd matches, and sends nothing:
  its format cdevents has no message for such an event

Route epr matches:
  topic: epr
  key: 01HJ1K2M3N4P5Q6R7S8T9V0W1X
  format: epr

4 of 5 routes match."#
        )
    );
}

#[test]
fn an_event_of_a_body_has_no_id_yet() {
    let text = explain("", event(), false, &Receiver::NotNeeded);
    assert!(text.starts_with("Event of the body\n"), "{text}");
    assert!(text.contains("\n  key: the id that the POST returns\n"), "{text}");
}

#[test]
fn an_event_that_no_route_matches_is_unrouted() {
    let created = Event::group_created(&group(), EventId::generate());
    let file = "routes: [{name: r, topic: t, when: {receiver_type: '*', kind: event}}]";
    let text = explain(file, created, true, &Receiver::NotNeeded);
    assert!(text.contains("  the event has no receiver_type, and the route accepts *\n"), "{text}");
    assert!(text.ends_with("The event is unrouted: it is stored, and makes no message."), "{text}");
}

#[test]
fn a_receiver_that_is_not_known_is_named_with_the_remedy() {
    let unread = Receiver::Unread("the table is unavailable".to_owned());
    let text = explain(ROUTES, event(), false, &unread);
    let reason = "  receiver 01HJ1K2M3N4P5Q6R7S8T9V0W1X could not be read: the table is unavailable; \
                  name its type with --receiver-type\n";
    assert!(
        text.contains(&format!("Route builds may match. It compares the receiver_type:\n{reason}")),
        "{text}"
    );
    assert!(
        text.contains(&format!("Route epr matches. Its message needs the receiver:\n{reason}")),
        "{text}"
    );
    assert!(text.ends_with("3 of 5 routes match, and 1 may match."), "{text}");
    let stored = explain(ROUTES, event(), true, &Receiver::Missing);
    assert!(stored.contains("so the event becomes a dead letter"), "{stored}");
    let posted = explain(ROUTES, event(), false, &Receiver::Missing);
    assert!(posted.contains("so a POST would refuse the body"), "{posted}");
}

#[test]
fn a_topic_that_cannot_be_named_is_the_reason_of_a_dead_letter() {
    let package = "é".to_owned().try_into().unwrap();
    let text =
        explain("routes: [{name: r, topic: '{package}'}]", Event { package, ..event() }, true, &known());
    assert!(
        text.contains(
            "Route r matches, and the event becomes a dead letter of it:\n  the name of its topic would be _"
        ),
        "{text}"
    );
}
