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
    assert_snapshot!(written(&EventRecord::new(event(), Some(receiver))), @"");
    let gate = Event {
        attributes: attributes(),
        r#type: Some("com.example.gate".to_owned().try_into().unwrap()),
        is_override: true,
        ..event()
    };
    assert_snapshot!(written(&EventRecord::new(gate, None)), @"");
}

#[test]
fn an_event_without_its_payload_lacks_the_member() {
    let record = EventRecord { payload: None, ..EventRecord::new(event(), None) };
    assert!(!written(&record).contains("payload"));
}

#[test]
fn a_receiver_has_its_schema_as_it_was_sent() {
    let receiver = xzepr_domain::EventReceiver { schema: raw(), ..receiver() };
    assert_snapshot!(written(&ReceiverRecord::from(receiver)), @"");
}

#[test]
fn a_group_was_updated_when_it_was_created_until_it_changes() {
    assert_snapshot!(written(&GroupRecord::from(group())), @"");
    let changed = xzepr_domain::EventReceiverGroup {
        updated_at: Some("2024-01-15T10:30:00.016Z".parse().unwrap()),
        repeat: true,
        notify_incomplete: true,
        event_receiver_ids: Vec::new(),
        ..group()
    };
    assert_snapshot!(written(&GroupRecord::from(changed)), @"");
}

#[test]
fn the_response_with_one_object_has_it_twice_without_a_change_of_its_texts() {
    let record = EventRecord::new(event(), None);
    let (object, response) = (written(&record), written(&WithData::new(&record)));
    let members = object.strip_suffix('}').unwrap();
    assert_eq!(response, format!(r#"{members},"data":[{object}]}}"#));
    assert_eq!(response.matches(RAW).count(), 2);
}
