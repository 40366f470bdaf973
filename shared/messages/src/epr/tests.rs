use insta::assert_snapshot;
use xzepr_domain::{EventReceiverGroup, JsonText};
use xzepr_fixtures::{event_with_id, group, group_complete, group_incomplete, receiver};

use super::*;

fn event() -> Event {
    Event {
        payload: JsonText::try_from(r#"{ "z": 1.50, "a": [] }"#.to_owned()).unwrap(),
        ..event_with_id("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap())
    }
}

fn value(event: &Event, receiver: Option<&EventReceiver>) -> String {
    String::from_utf8(content(event, receiver).unwrap().value).unwrap()
}

#[test]
fn the_message_of_an_event_contains_the_event_and_its_receiver() {
    assert_snapshot!(
        value(&event(), Some(&receiver())),
        @r#"{"success":true,"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","specversion":"1.0","type":"com.example.build","source":"epr","api_version":"v1","name":"build","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","data":{"events":[{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","name":"build","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","description":"Built myapp","payload":{ "z": 1.50, "a": [] },"success":true,"created_at":"2023-12-19T17:48:16.373Z","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","EventReceiver":{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","name":"build","type":"com.example.build","version":"1.0.0","description":"A build","schema":{ "type": "object" },"fingerprint":"f97f355a7f9be6c11312f0ed8c0905fcfaab1860a782616054599688048ac302","created_at":"2023-12-19T17:48:16.373Z"}}],"event_receivers":[{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","name":"build","type":"com.example.build","version":"1.0.0","description":"A build","schema":{ "type": "object" },"fingerprint":"f97f355a7f9be6c11312f0ed8c0905fcfaab1860a782616054599688048ac302","created_at":"2023-12-19T17:48:16.373Z"}],"event_receiver_groups":[]}}"#
    );
}

#[test]
fn the_message_of_a_created_receiver_has_the_receivers_id() {
    let event = Event::receiver_created(&receiver(), event().id);
    assert_snapshot!(
        value(&event, Some(&receiver())),
        @r#"{"success":true,"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","specversion":"1.0","type":"epr.event.receiver.created","source":"epr","api_version":"v1","name":"build","version":"1.0.0","release":"2023-12-19T17:48:16.373Z","platform_id":"event-provenance-registry","package":"event.receiver","data":{"events":[],"event_receivers":[{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","name":"build","type":"com.example.build","version":"1.0.0","description":"A build","schema":{ "type": "object" },"fingerprint":"f97f355a7f9be6c11312f0ed8c0905fcfaab1860a782616054599688048ac302","created_at":"2023-12-19T17:48:16.373Z"}],"event_receiver_groups":[]}}"#
    );
}

#[test]
fn the_message_of_a_created_group_needs_no_receiver() {
    let event = Event::group_created(&group(), event().id);
    assert_snapshot!(
        value(&event, None),
        @r#"{"success":true,"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","specversion":"1.0","type":"epr.event.receiver.group.created","source":"epr","api_version":"v1","name":"release-gate","version":"1.0.0","release":"2023-12-19T17:48:16.373Z","platform_id":"event-provenance-registry","package":"event.receiver.group","data":{"events":[],"event_receivers":[],"event_receiver_groups":[{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"For a release","enabled":true,"event_receiver_ids":["01HJ1K2M3N4P5Q6R7S8T9V0W1X"],"created_at":"2023-12-19T17:48:16.373Z","updated_at":"2023-12-19T17:48:16.373Z"}]}}"#
    );
}

#[test]
fn the_message_of_a_modified_group_has_an_id_of_its_own_and_the_time_of_the_change() {
    let group = EventReceiverGroup { enabled: false, ..group() };
    let event = Event::group_modified(&group, "01HM6AQH200000000000000000".parse().unwrap());
    assert_snapshot!(value(&event, None), @r#"{"success":true,"id":"01HM6AQH200000000000000000","specversion":"1.0","type":"epr.event.receiver.group.modified","source":"epr","api_version":"v1","name":"release-gate","version":"1.0.0","release":"2024-01-15T10:30:00Z","platform_id":"event-provenance-registry","package":"event.receiver.group","data":{"events":[],"event_receivers":[],"event_receiver_groups":[{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"For a release","enabled":false,"event_receiver_ids":["01HJ1K2M3N4P5Q6R7S8T9V0W1X"],"created_at":"2023-12-19T17:48:16.373Z","updated_at":"2024-01-15T10:30:00Z"}]}}"#);
}

#[test]
fn the_message_of_a_complete_group_has_the_groups_type_the_artifact_and_an_id_of_its_own() {
    assert_snapshot!(value(&group_complete(event().id), None), @r#"{"success":true,"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","specversion":"1.0","type":"com.example.gate","source":"epr","api_version":"v1","name":"build","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","data":{"events":[],"event_receivers":[],"event_receiver_groups":[{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"For a release","enabled":true,"event_receiver_ids":["01HJ1K2M3N4P5Q6R7S8T9V0W1X"],"created_at":"2023-12-19T17:48:16.373Z","updated_at":"2023-12-19T17:48:16.373Z"}]}}"#);
}

#[test]
fn the_message_of_an_incomplete_group_is_that_of_a_complete_one_without_success() {
    let message = |event: &Event| value(event, None);
    let complete = message(&group_complete(event().id));
    let incomplete = message(&group_incomplete(event().id));
    assert_eq!(incomplete, complete.replacen(r#""success":true"#, r#""success":false"#, 1));
}

#[test]
fn the_receivers_of_an_empty_group_are_an_empty_array() {
    let group = EventReceiverGroup { event_receiver_ids: Vec::new(), ..group() };
    let value = value(&Event::group_created(&group, event().id), None);
    assert!(value.contains(r#""event_receiver_ids":[]"#));
}

#[test]
fn the_only_header_is_the_type_of_the_message() {
    let created = Event::group_created(&group(), event().id);
    for (event, r#type) in [
        (event(), "com.example.build"),
        (created, "epr.event.receiver.group.created"),
        (group_complete(event().id), "com.example.gate"),
    ] {
        let headers = content(&event, Some(&receiver())).unwrap().headers;
        assert_eq!(headers, [("xzepr-event-type", r#type.to_owned())]);
    }
}

#[test]
fn an_event_that_has_the_name_of_a_system_event_is_still_an_event() {
    let event = Event { name: "xzepr.event.receiver.created".to_owned().try_into().unwrap(), ..event() };
    assert!(value(&event, Some(&receiver())).contains(r#""type":"com.example.build""#));
}

#[test]
fn an_event_without_its_own_receiver_has_no_message() {
    let other = EventReceiver { id: "01HJ1K2M3N4P5Q6R7S8T9V0W1A".parse().unwrap(), ..receiver() };
    for receiver in [None, Some(&other)] {
        let error = content(&event(), receiver).unwrap_err();
        assert!(matches!(error, NoMessage::MissingReceiver), "{error}");
    }
}

#[test]
fn a_system_event_whose_payload_is_not_the_registrys_has_no_message() {
    for payload in [
        "null",
        "{}",
        r#"{"group_id":"1","name":"n","type":"t","version":"1","description":"d","enabled":true,"receiver_ids":[]}"#,
    ] {
        let id = event().id;
        for event in [
            Event::group_created(&group(), id),
            Event::group_modified(&group(), id),
            group_complete(id),
            group_incomplete(id),
        ] {
            let event = Event { payload: JsonText::try_from(payload.to_owned()).unwrap(), ..event };
            let error = content(&event, None).unwrap_err();
            assert!(matches!(error, NoMessage::InvalidSystemEvent), "{error}");
        }
    }
}
