use std::collections::BTreeMap;

use proptest::prelude::*;
use xzepr_domain::{Event, EventKind};
use xzepr_messages::Message;
use xzepr_settings::Format;

use crate::{
    arbitrary::any_event,
    cases,
    message::{BASE_URL, Bench, source_of, take, value_of},
};

type Attributes = BTreeMap<String, String>;

/// The attributes that a consumer must find, each in the string representation of the specification.
fn expected(event: &Event) -> Attributes {
    let own = &event.attributes;
    let text = |text: &str| text.to_owned();
    let receiver = event.event_receiver_id.to_string();
    let of_receiver = format!("{BASE_URL}/api/v1/event-receivers/{receiver}/schema");
    let of_receiver = (event.kind == EventKind::Event).then_some(of_receiver);
    let required = [
        ("specversion", text("1.0")),
        ("id", event.id.to_string()),
        ("source", source_of(event)),
        ("type", event.message_type().to_owned()),
        ("time", own.time.as_deref().map_or_else(|| event.id.created_at(), text)),
        ("datacontenttype", text(own.datacontenttype.as_deref().unwrap_or("application/json"))),
        ("receiverid", receiver.clone()),
        ("apiversion", text("v1")),
        ("success", event.success.to_string()),
        ("name", event.name.to_string()),
        ("version", event.version.to_string()),
        ("release", event.release.to_string()),
        ("platformid", event.platform_id.to_string()),
        ("package", event.package.to_string()),
        ("description", event.description.to_string()),
        ("sequence", event.id.to_string()),
    ];
    let optional = [
        ("subject", own.subject.as_deref().map(text)),
        ("dataschema", own.dataschema.as_deref().map(text).or(of_receiver)),
        ("traceparent", own.traceparent.as_deref().map(text)),
    ];
    let optional = optional.into_iter().filter_map(|(name, value)| Some((name, value?)));
    required.into_iter().chain(optional).map(|(name, value)| (text(name), value)).collect()
}

/// Removes the subject and decodes it into package and version, if it is not the caller's own.
fn take_artifact(event: &Event, attributes: &mut Attributes) -> Option<(String, String)> {
    if event.attributes.subject.is_some() {
        return None;
    }
    let subject = attributes.remove("subject").unwrap();
    let (package, version) = subject.split_once('/').unwrap();
    let is_unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~%".contains(c);
    assert!(package.chars().chain(version.chars()).all(is_unreserved), "{subject}");
    let decoded = |text| percent_encoding::percent_decode_str(text).decode_utf8().unwrap().into_owned();
    Some((decoded(package), decoded(version)))
}

/// Checks the name and the value of each attribute by the rules of the specification and of the official SDKs.
fn check(attributes: &Attributes) {
    for (name, value) in attributes {
        assert!((1..=20).contains(&name.len()) && name.bytes().all(|c| c.is_ascii_lowercase()), "{name}");
        assert!(!value.is_empty() && !value.contains(char::is_control), "{name}: {value}");
    }
}

fn structured(message: &Message) -> (Attributes, String) {
    let mut value = value_of(message);
    let data = take(&mut value, "data").get().to_owned();
    let string = |json: &str| serde_json::from_str(json).unwrap_or_else(|_| json.to_owned());
    (value.into_iter().map(|(name, value)| (name, string(value.get()))).collect(), data)
}

fn binary(message: &Message) -> (Attributes, String) {
    let attribute = |(name, value): &(&str, String)| match *name {
        "content-type" => Some(("datacontenttype".to_owned(), value.clone())),
        name => Some((name.strip_prefix("ce_")?.to_owned(), value.clone())),
    };
    let attributes: Vec<_> = message.headers.iter().filter_map(attribute).collect();
    let own = ["xzepr-event-type", "xzepr-route", "traceparent"];
    let others = message.headers.iter().filter(|(name, _)| own.contains(name)).count();
    assert_eq!(attributes.len() + others, message.headers.len(), "each other header is an attribute");
    let trace = |header| message.headers.iter().find(|(name, _)| *name == header).map(|(_, value)| value);
    assert_eq!(trace("traceparent"), trace("ce_traceparent"), "OpenTelemetry and CloudEvents read one trace");
    (attributes.into_iter().collect(), String::from_utf8(message.value.clone()).unwrap())
}

#[test]
fn an_event_reads_back_from_both_content_modes_with_the_same_attributes() {
    let (structured_bench, binary_bench) =
        (Bench::new(Format::CloudEvents), Bench::new(Format::CloudEventsBinary));
    proptest!(cases(), |((event, receiver) in any_event())| {
        let (mut attributes, data) = structured(&structured_bench.message(&event, &receiver));
        let in_binary = binary(&binary_bench.message(&event, &receiver));
        prop_assert_eq!(&(attributes.clone(), data.clone()), &in_binary);
        prop_assert_eq!(data, event.payload.as_str());
        check(&attributes);
        if let Some(artifact) = take_artifact(&event, &mut attributes) {
            prop_assert_eq!(artifact, (event.package.to_string(), event.version.to_string()));
        }
        prop_assert_eq!(attributes, expected(&event));
    });
}

#[test]
fn the_required_attributes_are_first_and_the_data_is_last() {
    let bench = Bench::new(Format::CloudEvents);
    proptest!(cases(), |((event, receiver) in any_event())| {
        let message = bench.message(&event, &receiver);
        let value = str::from_utf8(&message.value).unwrap();
        let id = event.id;
        let start = format!(r#"{{"specversion":"1.0","id":"{id}","source":"xzepr.event.receiver."#);
        prop_assert!(value.starts_with(&start));
        let end = format!(r#","data":{}}}"#, event.payload.as_str());
        prop_assert!(value.ends_with(&end));
    });
}
