use proptest::{prelude::*, sample::select};
use xzepr_domain::{Event, JsonText};
use xzepr_settings::Format;

use crate::{
    arbitrary::{event, json, text},
    cases,
    message::{Bench, take, take_text, value_of},
};

/// The text of a CDEvent, and the attributes that its CloudEvent has.
fn cdevent() -> impl Strategy<Value = (String, [(&'static str, String); 5])> {
    let versions = [("version", "0.4.0"), ("version", "0.4.1"), ("specversion", "0.5.1")];
    let sources = ["/event/source/123", "https://example.com/a?b#c", "urn:example:1", "a"];
    let types = ["dev.cdevents.artifact.packaged.0.3.0", "dev.cdeventsx.my-tool.started.0.1.0"];
    let times = ["2023-03-20T14:27:05.315384Z", "2023-03-20T14:27:05+02:00"];
    let context = (
        select(versions.to_vec()),
        text(40),
        select(sources.to_vec()),
        select(types.to_vec()),
        select(times.to_vec()),
    );
    (context, text(40), json(), json()).prop_map(
        |((version, id, source, r#type, time), subject, content, custom)| {
            let json = |text: &str| serde_json::to_string(text).unwrap();
            let (name, version) = version;
            let document = format!(
                r#"{{ "customData": {custom}, "subject": {{"content": {content}, "id": {}}},
                  "context": {{"type": "{type}", "id": {}, "{name}": "{version}", "chainId": null,
                    "source": "{source}", "timestamp": "{time}"}} }}"#,
                json(&subject),
                json(&id),
            );
            let (source, r#type, time) = (source.to_owned(), r#type.to_owned(), time.to_owned());
            let attributes =
                [("id", id), ("source", source), ("type", r#type), ("time", time), ("subject", subject)];
            (document, attributes)
        },
    )
}

#[test]
fn a_cdevent_reads_back_from_its_message() {
    let bench = Bench::new(Format::CdEvents);
    proptest!(cases(), |((event, receiver) in event(), (document, attributes) in cdevent())| {
        let event = Event { payload: JsonText::try_from(document.clone()).unwrap(), ..event };
        let message = bench.message(&event, &receiver);
        let content_type = "application/cloudevents+json; charset=UTF-8".to_owned();
        prop_assert_eq!(&message.headers, &[("content-type", content_type)]);
        let mut value = value_of(&message);
        for (name, text) in attributes {
            prop_assert_eq!(take_text(&mut value, name), text);
        }
        prop_assert_eq!(take_text(&mut value, "specversion"), "1.0");
        prop_assert_eq!(take_text(&mut value, "datacontenttype"), "application/json");
        let trace = event.attributes.traceparent.as_deref();
        let attribute = trace.map(|_| take_text(&mut value, "traceparent"));
        prop_assert_eq!(attribute.as_deref(), trace);
        let data = take(&mut value, "data");
        prop_assert_eq!(data.get(), document);
        prop_assert!(value.is_empty(), "{value:?}");
    });
}
