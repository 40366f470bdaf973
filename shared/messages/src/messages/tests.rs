use xzepr_fixtures::{event, group, group_complete, group_incomplete, receiver};
use xzepr_settings::{Compression, Settings};

use super::*;

fn messages(file: &str) -> Messages {
    Messages::new(Settings::new(|_| None, file).unwrap().messages().unwrap())
}

fn message(messages: &Messages, event: &Event) -> Result<Option<Message>, NoMessage> {
    messages.message(&messages.routes()[0], event, Some(&receiver()))
}

#[test]
fn only_the_format_epr_and_the_receivers_type_ask_for_a_receiver() {
    let id = event().id;
    let created_receiver = Event::receiver_created(&receiver(), id);
    let formats = Format::ALL.map(|format| (format!("format: {format}"), format == Format::Epr));
    let by_type = "routes: [{name: r, topic: t, when: {receiver_type: '*'}}]".to_owned();
    let in_topic =
        "routes: [{name: r, topic: '{receiver_type}', when: {kind: [event, receiver.created]}}]".to_owned();
    for (file, needs) in formats.into_iter().chain([(by_type, true), (in_topic, true)]) {
        let messages = messages(&file);
        assert_eq!(messages.reads_receivers(), needs, "{file}");
        let needed = needs.then_some(receiver().id);
        assert_eq!(messages.receiver_of(&event()), needed, "{file}");
        assert_eq!(messages.receiver_of(&created_receiver), needed, "{file}");
        for of_group in [
            Event::group_created(&group(), id),
            Event::group_modified(&group(), id),
            group_complete(id),
            group_incomplete(id),
        ] {
            assert_eq!(messages.receiver_of(&of_group), None, "{file}");
        }
    }
}

#[test]
fn an_event_has_a_message_in_every_format_but_cdevents() {
    for format in Format::ALL {
        let (messages, event) = (messages(&format!("format: {format}")), event());
        let message = message(&messages, &event).unwrap();
        assert_eq!(message.is_some(), format != Format::CdEvents, "{format}");
        assert_eq!(messages.routes()[0].has_message(&event), message.is_some(), "{format}");
        if let Some(message) = message {
            assert_eq!((&*message.topic, message.key), ("xzepr.dev.events", event.id.to_string()));
        }
    }
}

#[test]
fn the_event_of_a_group_has_a_message_without_a_receiver_in_every_format_but_cdevents() {
    let id = event().id;
    for format in Format::ALL {
        let messages = messages(&format!("format: {format}"));
        for event in [Event::group_modified(&group(), id), group_complete(id), group_incomplete(id)] {
            let message = messages.message(&messages.routes()[0], &event, None).unwrap();
            assert_eq!(message.is_some(), format != Format::CdEvents, "{format} {}", event.kind);
        }
    }
}

#[test]
fn the_trace_of_an_event_is_where_the_consumers_of_its_format_look_for_it() {
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let mut event = event();
    event.attributes.traceparent = Some(trace.to_owned().try_into().unwrap());
    let context = r#"{"specversion":"0.5.1","id":"1","source":"s","type":"dev.cdevents.a","timestamp":"2023-03-20T14:27:05Z"}"#;
    let payload = format!(r#"{{"context":{context},"subject":{{"id":"1"}}}}"#);
    event.payload = payload.try_into().unwrap();
    let attribute = format!(r#""traceparent":"{trace}""#);
    for format in Format::ALL {
        let message = message(&messages(&format!("format: {format}")), &event).unwrap().unwrap();
        let value = String::from_utf8(message.value).unwrap();
        let header = |wanted: &str| {
            message.headers.iter().find(|(name, _)| *name == wanted).map(|(_, value)| &**value)
        };
        let is_structured = matches!(format, Format::CloudEvents | Format::CdEvents);
        assert_eq!(value.contains(&attribute), is_structured, "{format}: {value}");
        assert_eq!(header(TRACEPARENT_HEADER), (!is_structured).then_some(trace), "{format}");
        let is_binary = format == Format::CloudEventsBinary;
        assert_eq!(header("ce_traceparent"), is_binary.then_some(trace), "{format}");
    }
}

#[test]
fn a_missing_receiver_is_named_as_the_reason() {
    let topic = "routes: [{name: r, topic: '{receiver_type}', when: {kind: event}}]";
    for file in ["format: epr", topic] {
        let messages = messages(file);
        let error = messages.message(&messages.routes()[0], &event(), None).unwrap_err();
        assert_eq!(error.to_string(), "its event receiver is not in the table, or its item cannot be read");
    }
}

#[test]
fn a_topic_that_cannot_be_named_is_the_reason() {
    let package = "é".to_owned().try_into().unwrap();
    let error = message(&messages("routes: [{name: r, topic: '{package}'}]"), &Event { package, ..event() });
    assert_eq!(error.unwrap_err().to_string(), "the name of its topic would be _");
}

#[test]
fn a_message_has_the_topic_the_key_the_codec_and_the_header_of_its_route() {
    let messages = messages(
        "environment: prod\nroutes:\n- {name: all, topic: '{environment}.{package}', key: artifact, compression: zstd}\n\
         - {name: ce, topic: ce, format: cloudevents, key: receiver}\n",
    );
    let event = event();
    let [all, ce] =
        [0, 1].map(|index| messages.message(&messages.routes()[index], &event, None).unwrap().unwrap());
    assert_eq!((&*all.topic, &*all.key), ("prod.myapp", "build/2.1.0/2.1.0-rc.1/kubernetes/myapp"));
    assert_eq!(all.compression, Compression::Zstd);
    assert_eq!(all.headers.last(), Some(&(ROUTE_HEADER, "all".to_owned())));
    assert_eq!((&*ce.topic, ce.key), ("ce", event.event_receiver_id.to_string()));
    assert!(!ce.headers.iter().any(|(name, _)| *name == ROUTE_HEADER));
}

#[test]
fn only_one_route_to_one_topic_has_an_only_topic() {
    let only = |file: &str| messages(file).only_topic().map(ToString::to_string);
    assert_eq!(only(""), Some("xzepr.dev.events".to_owned()));
    assert_eq!(only("routes: [{name: a, topic: t}]"), Some("t".to_owned()));
    assert_eq!(only("routes: [{name: a, topic: '{package}'}]"), None);
    let two = messages("routes: [{name: a, topic: t}, {name: b, topic: s}, {name: c, topic: t}]");
    assert_eq!(two.only_topic(), None);
    assert_eq!(two.fixed_topics().iter().map(|(topic, _)| &**topic).collect::<Vec<_>>(), ["t", "s"]);
}
