use proptest::prelude::*;
use serde_json::value::RawValue;
use xzepr_domain::{Event, EventReceiver, EventReceiverGroup};
use xzepr_settings::Format;

use crate::{
    arbitrary::{event, gate_event, group, receiver},
    cases,
    message::{Bench, Members, members, own_headers, take, take_members, take_text, value_of},
};

/// Removes an array of `data` and returns its only item.
fn take_one(data: &mut Members, name: &str) -> Members {
    let mut items: Vec<Box<RawValue>> = serde_json::from_str(take(data, name).get()).unwrap();
    assert_eq!(items.len(), 1, "{name}");
    members(items.remove(0).get())
}

fn check_texts(record: &mut Members, texts: &[(&str, &str)]) {
    for (name, text) in texts {
        assert_eq!(take_text(record, name), *text, "{name}");
    }
}

fn check_empty(data: &mut Members, arrays: &[&str]) {
    for name in arrays {
        assert_eq!(take(data, name).get(), "[]", "{name}");
    }
    assert!(data.is_empty(), "{data:?}");
}

fn check_receiver(mut record: Members, receiver: &EventReceiver) {
    check_texts(
        &mut record,
        &[
            ("id", &receiver.id.to_string()),
            ("name", &receiver.name),
            ("type", &receiver.r#type),
            ("version", &receiver.version),
            ("description", &receiver.description),
            ("created_at", &receiver.id.created_at()),
        ],
    );
    let fingerprint = take_text(&mut record, "fingerprint");
    assert_eq!(format!("sha256:{fingerprint}"), receiver.fingerprint().to_string());
    assert_eq!(take(&mut record, "schema").get(), receiver.schema.as_str());
    assert!(record.is_empty(), "{record:?}");
}

/// Checks and removes the members that all messages have.
fn take_data(mut value: Members, id: &str, success: bool, texts: &[(&str, &str)]) -> Members {
    assert_eq!(take(&mut value, "success").get(), success.to_string());
    check_texts(&mut value, &[("id", id), ("specversion", "1.0"), ("source", "epr"), ("api_version", "v1")]);
    check_texts(&mut value, texts);
    let data = take_members(&mut value, "data");
    assert!(value.is_empty(), "{value:?}");
    data
}

#[test]
fn an_event_and_its_receiver_read_back_from_the_message() {
    let bench = Bench::new(Format::Epr);
    proptest!(cases(), |((event, receiver) in event())| {
        let message = bench.message(&event, &receiver);
        prop_assert_eq!(&message.headers, &own_headers(&receiver.r#type, &event));
        let artifact: [(&str, &str); 5] = [
            ("name", &event.name),
            ("version", &event.version),
            ("release", &event.release),
            ("platform_id", &event.platform_id),
            ("package", &event.package),
        ];
        let texts = [&[("type", &*receiver.r#type)], &artifact[..]].concat();
        let id = event.id.to_string();
        let mut data = take_data(value_of(&message), &id, event.success, &texts);
        check_receiver(take_one(&mut data, "event_receivers"), &receiver);
        let mut record = take_one(&mut data, "events");
        check_empty(&mut data, &["event_receiver_groups"]);

        check_receiver(take_members(&mut record, "EventReceiver"), &receiver);
        check_texts(&mut record, &artifact);
        check_texts(&mut record, &[
            ("id", &id),
            ("description", &event.description),
            ("created_at", &event.id.created_at()),
            ("event_receiver_id", &receiver.id.to_string()),
        ]);
        let (payload, success) = (take(&mut record, "payload"), take(&mut record, "success"));
        prop_assert_eq!(payload.get(), event.payload.as_str());
        prop_assert_eq!(success.get(), event.success.to_string());
        prop_assert!(record.is_empty(), "{record:?}");
    });
}

#[test]
fn a_created_receiver_reads_back_from_the_message() {
    let bench = Bench::new(Format::Epr);
    proptest!(cases(), |((event, _) in event(), receiver in receiver())| {
        let message = bench.message(&Event::receiver_created(&receiver, event.id), &receiver);
        let texts = [
            ("type", "epr.event.receiver.created"),
            ("name", &receiver.name),
            ("version", &receiver.version),
            ("release", &receiver.id.created_at()),
            ("platform_id", "event-provenance-registry"),
            ("package", "event.receiver"),
        ];
        let mut data = take_data(value_of(&message), &receiver.id.to_string(), true, &texts);
        check_receiver(take_one(&mut data, "event_receivers"), &receiver);
        check_empty(&mut data, &["events", "event_receiver_groups"]);
    });
}

#[test]
fn a_created_group_reads_back_from_the_message() {
    let bench = Bench::new(Format::Epr);
    proptest!(cases(), |((event, receiver) in event(), group in group())| {
        let message = bench.message(&Event::group_created(&group, event.id), &receiver);
        let (id, created_at) = (group.id.to_string(), group.id.created_at());
        let texts = [
            ("type", "epr.event.receiver.group.created"),
            ("name", &group.name),
            ("version", &group.version),
            ("release", &created_at),
            ("platform_id", "event-provenance-registry"),
            ("package", "event.receiver.group"),
        ];
        let data = take_data(value_of(&message), &id, true, &texts);
        check_group(data, &group, group.enabled, &created_at);
    });
}

#[test]
fn a_modified_group_reads_back_from_the_message() {
    let bench = Bench::new(Format::Epr);
    proptest!(cases(), |((event, receiver) in event(), group in group())| {
        let event = Event::group_modified(&group, event.id);
        let message = bench.message(&event, &receiver);
        let modified_at = event.id.created_at();
        let texts = [
            ("type", "epr.event.receiver.group.modified"),
            ("name", &group.name),
            ("version", &group.version),
            ("release", &modified_at),
            ("platform_id", "event-provenance-registry"),
            ("package", "event.receiver.group"),
        ];
        let data = take_data(value_of(&message), &event.id.to_string(), true, &texts);
        check_group(data, &group, group.enabled, &modified_at);
    });
}

#[test]
fn a_group_and_its_artifact_read_back_from_the_message_of_a_gate() {
    let bench = Bench::new(Format::Epr);
    proptest!(cases(), |((event, group) in gate_event(), receiver in receiver())| {
        let message = bench.message(&event, &receiver);
        prop_assert_eq!(&message.headers, &own_headers(&group.r#type, &event));
        let texts = [
            ("type", &*group.r#type),
            ("name", &event.name),
            ("version", &event.version),
            ("release", &event.release),
            ("platform_id", &event.platform_id),
            ("package", &event.package),
        ];
        let data = take_data(value_of(&message), &event.id.to_string(), event.success, &texts);
        check_group(data, &group, true, &group.id.created_at());
    });
}

/// Checks that a group is all that `data` has.
fn check_group(mut data: Members, group: &EventReceiverGroup, enabled: bool, updated_at: &str) {
    let mut record = take_one(&mut data, "event_receiver_groups");
    check_empty(&mut data, &["events", "event_receivers"]);
    check_texts(
        &mut record,
        &[
            ("id", &group.id.to_string()),
            ("name", &group.name),
            ("type", &group.r#type),
            ("version", &group.version),
            ("description", &group.description),
            ("created_at", &group.id.created_at()),
            ("updated_at", updated_at),
        ],
    );
    let (is_enabled, ids) = (take(&mut record, "enabled"), take(&mut record, "event_receiver_ids"));
    assert_eq!(is_enabled.get(), enabled.to_string());
    let ids: Vec<String> = serde_json::from_str(ids.get()).unwrap();
    let expected: Vec<_> = group.event_receiver_ids.iter().map(ToString::to_string).collect();
    assert_eq!(ids, expected);
    assert!(record.is_empty(), "{record:?}");
}
