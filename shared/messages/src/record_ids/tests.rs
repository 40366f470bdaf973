use proptest::prelude::*;
use xzepr_domain::JsonText;
use xzepr_fixtures::{event, group, group_complete, group_incomplete, receiver};
use xzepr_settings::Settings;

use super::*;
use crate::Messages;

const ID: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1Z";
const OTHER: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W20";

const KEY: IdPlaces = IdPlaces { key: true, content: false };
const CONTENT: IdPlaces = IdPlaces { key: false, content: true };

fn messages(format: Format, key: &str) -> Messages {
    let file = format!("routes: [{{name: r, topic: t, format: {format}, key: {key}}}]");
    Messages::new(Settings::new(|_| None, &file).unwrap().messages().unwrap())
}

fn id(id: &str) -> Option<EventId> {
    Some(id.parse().unwrap())
}

/// The id in the content of a record with these headers and this value.
fn content(headers: &[(&str, &str)], value: &[u8]) -> Option<EventId> {
    let headers = headers.iter().map(|(name, value)| (*name, value.as_bytes()));
    let ids = CONTENT.ids(ID.as_bytes(), headers, value);
    assert_eq!(ids.key, None);
    ids.content
}

#[test]
fn the_record_of_any_event_in_any_format_and_with_any_key_has_the_events_id() {
    let created_receiver = Event::receiver_created(&receiver(), EventId::generate());
    let created_group = Event::group_created(&group(), EventId::generate());
    let cdevent = JsonText::try_from(format!(
        r#"{{"context":{{"specversion":"0.5.1","id":"{OTHER}","source":"s","type":"dev.cdevents.a.b.0.1.0",
        "timestamp":"2023-03-20T14:27:05Z"}},"subject":{{"id":"s","content":{{}}}}}}"#
    ));
    let cdevent = Event { payload: cdevent.unwrap(), ..event() };
    let modified = Event::group_modified(&group(), EventId::generate());
    let of_gate = [group_complete(EventId::generate()), group_incomplete(EventId::generate())];
    for format in Format::ALL {
        for key in ["id", "receiver", "artifact"] {
            if format == Format::CdEvents && key != "id" {
                continue;
            }
            let messages = messages(format, key);
            let route = &messages.routes()[0];
            let mut places = IdPlaces::default();
            places.add(route);
            for event in [&cdevent, &created_receiver, &created_group, &modified].into_iter().chain(&of_gate)
            {
                let message = messages.message(route, event, Some(&receiver())).unwrap();
                let Some(message) = message else { continue };
                let headers = message.headers.iter().map(|(name, value)| (*name, value.as_bytes()));
                let ids = places.ids(message.key.as_bytes(), headers, &message.value);
                let in_content = route.other_content_id(event).unwrap_or(event.id);
                let found = if key == "id" { ids.key } else { ids.content };
                let expected = if key == "id" { event.id } else { in_content };
                assert_eq!(found, Some(expected), "{format} {key} {}", event.kind);
            }
        }
    }
}

#[test]
fn only_the_record_of_a_created_receiver_or_group_in_epr_has_another_id_in_its_content() {
    let created_receiver = Event::receiver_created(&receiver(), EventId::generate());
    let created_group = Event::group_created(&group(), EventId::generate());
    for format in Format::ALL {
        let messages = messages(format, "id");
        let other = |event: &Event| messages.routes()[0].other_content_id(event).map(|id| id.to_string());
        let is_epr = format == Format::Epr;
        assert_eq!(other(&created_receiver), is_epr.then(|| receiver().id.to_string()));
        assert_eq!(other(&created_group), is_epr.then(|| group().id.to_string()));
        for event in [
            event(),
            Event::group_modified(&group(), EventId::generate()),
            group_complete(EventId::generate()),
            group_incomplete(EventId::generate()),
        ] {
            assert_eq!(other(&event), None, "{}", event.kind);
        }
    }
    let unreadable = Event { payload: "{}".to_owned().try_into().unwrap(), ..created_group };
    assert_eq!(messages(Format::Epr, "id").routes()[0].other_content_id(&unreadable), None);
}

#[test]
fn routes_of_two_kinds_look_at_key_and_content() {
    let mut places = IdPlaces::default();
    places.add(&messages(Format::CdEvents, "id").routes()[0]);
    assert_eq!(places, KEY);
    places.add(&messages(Format::Xzepr, "artifact").routes()[0]);
    let ids = places.ids(ID.as_bytes(), [], format!(r#"{{"id":"{OTHER}"}}"#).as_bytes());
    assert_eq!((ids.key, ids.content), (id(ID), id(OTHER)));
}

#[test]
fn the_value_of_a_record_in_binary_content_mode_is_not_looked_at() {
    let value = format!(r#"{{"id":"{OTHER}"}}"#);
    assert_eq!(content(&[("x", OTHER), ("ce_id", ID)], value.as_bytes()), id(ID));
    assert_eq!(content(&[("ce_id", "271069a8")], value.as_bytes()), None);
    assert_eq!(content(&[("x", ID)], value.as_bytes()), id(OTHER));
}

#[test]
fn the_id_of_a_value_is_its_own_member_and_may_be_behind_a_wire_header() {
    let value = format!(r#"{{"data":{{"id":"{OTHER}","a":[[[]]]}},"id":"{ID}","z":1.5e400}}"#);
    assert_eq!(content(&[], value.as_bytes()), id(ID));
    assert_eq!(content(&[], &[&[0, 0, 0, 1, 2], value.as_bytes()].concat()), id(ID));
}

#[test]
fn a_value_of_another_producer_has_no_id() {
    let deep = format!(r#"{{"data":{},"id":"{ID}"}}"#, "[".repeat(200_000));
    let values = [
        "".to_owned(),
        "null".to_owned(),
        "\0".to_owned(),
        "\0\0\0\0\u{1}".to_owned(),
        format!("\"{ID}\""),
        format!("[\"{ID}\"]"),
        format!(r#"{{"data":{{"id":"{ID}"}}}}"#),
        format!(r#"{{"id":["{ID}"]}}"#),
        format!(r#"{{"id":"{ID}""#),
        format!(r#"{{"id":"{ID}0"}}"#),
        format!(r#"{{"id":"{ID}","id":"{ID}"}}"#),
        deep,
    ];
    for value in values {
        assert_eq!(content(&[], value.as_bytes()), None, "{}", value.chars().take(80).collect::<String>());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_without_a_panic(
        key in prop::collection::vec(any::<u8>(), 0..40),
        value in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let places = IdPlaces { key: true, content: true };
        places.ids(&key, [], &value);
        places.ids(&key, [(ID_HEADER, &*value)], &value);
    }
}
