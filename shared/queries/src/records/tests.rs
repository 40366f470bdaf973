use std::sync::Arc;

use insta::assert_snapshot;
use xzepr_domain::{Event, JsonText};
use xzepr_fixtures::{attributes, event_with_id, group, receiver};

use super::*;

const EVENT: &str = "01HM6AQH2G0000000000000000";

/// Texts whose spelling no value keeps: white space, member order, a number, an escape, a member with serde_json's own
/// name.
const RAW: &str = r#"{ "z":1.00, "a" : "\u00e9\/", "$serde_json::private::RawValue":"1" }"#;

fn raw() -> JsonText {
    JsonText::try_from(RAW.to_owned()).unwrap()
}

fn written(record: &impl serde::Serialize) -> String {
    serde_json::to_string(record).unwrap()
}

fn event() -> Event {
    Event { payload: raw(), ..event_with_id(EVENT.parse().unwrap()) }
}

#[test]
fn an_event_has_its_members_in_order_and_its_payload_as_it_was_sent() {
    let receiver = Arc::new(ReceiverRecord::from(receiver()));
    assert_snapshot!(written(&EventRecord::new(event(), Some(receiver))), @r#"{"id":"01HM6AQH2G0000000000000000","name":"build","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","description":"Built myapp","payload":{ "z":1.00, "a" : "\u00e9\/", "$serde_json::private::RawValue":"1" },"success":true,"created_at":"2024-01-15T10:30:00.016Z","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","kind":"event","EventReceiver":{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","name":"build","type":"com.example.build","version":"1.0.0","description":"A build","schema":{ "type": "object" },"fingerprint":"sha256:f97f355a7f9be6c11312f0ed8c0905fcfaab1860a782616054599688048ac302","created_at":"2023-12-19T17:48:16.373Z"}}"#);
    let gate = Event {
        attributes: attributes(),
        r#type: Some("com.example.gate".to_owned().try_into().unwrap()),
        is_override: true,
        ..event()
    };
    assert_snapshot!(written(&EventRecord::new(gate, None)), @r#"{"id":"01HM6AQH2G0000000000000000","name":"build","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","description":"Built myapp","payload":{ "z":1.00, "a" : "\u00e9\/", "$serde_json::private::RawValue":"1" },"success":true,"created_at":"2024-01-15T10:30:00.016Z","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","time":"2024-01-15T10:30:00+01:00","subject":"myapp/é","dataschema":"https://example.com/build","datacontenttype":"application/vnd.example+json","type":"com.example.gate","kind":"event","override":true}"#);
}

#[test]
fn an_event_without_its_payload_lacks_the_member() {
    let record = EventRecord { payload: None, ..EventRecord::new(event(), None) };
    assert!(!written(&record).contains("payload"));
}

#[test]
fn a_receiver_has_its_schema_as_it_was_sent() {
    let receiver = xzepr_domain::EventReceiver { schema: raw(), ..receiver() };
    assert_snapshot!(written(&ReceiverRecord::from(receiver)), @r#"{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","name":"build","type":"com.example.build","version":"1.0.0","description":"A build","schema":{ "z":1.00, "a" : "\u00e9\/", "$serde_json::private::RawValue":"1" },"fingerprint":"sha256:f97f355a7f9be6c11312f0ed8c0905fcfaab1860a782616054599688048ac302","created_at":"2023-12-19T17:48:16.373Z"}"#);
}

#[test]
fn a_group_was_updated_when_it_was_created_until_it_changes() {
    assert_snapshot!(written(&GroupRecord::from(group())), @r#"{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"For a release","enabled":true,"event_receiver_ids":["01HJ1K2M3N4P5Q6R7S8T9V0W1X"],"repeat":false,"notify_incomplete":false,"created_at":"2023-12-19T17:48:16.373Z","updated_at":"2023-12-19T17:48:16.373Z"}"#);
    let changed = xzepr_domain::EventReceiverGroup {
        updated_at: Some("2024-01-15T10:30:00.016Z".parse().unwrap()),
        repeat: true,
        notify_incomplete: true,
        event_receiver_ids: Vec::new(),
        ..group()
    };
    assert_snapshot!(written(&GroupRecord::from(changed)), @r#"{"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"For a release","enabled":true,"event_receiver_ids":[],"repeat":true,"notify_incomplete":true,"created_at":"2023-12-19T17:48:16.373Z","updated_at":"2024-01-15T10:30:00.016Z"}"#);
}

#[test]
fn the_response_with_one_object_has_it_twice_without_a_change_of_its_texts() {
    let record = EventRecord::new(event(), None);
    let (object, response) = (written(&record), written(&WithData::new(&record)));
    let members = object.strip_suffix('}').unwrap();
    assert_eq!(response, format!(r#"{members},"data":[{object}]}}"#));
    assert_eq!(response.matches(RAW).count(), 2);
}
