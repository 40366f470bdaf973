use insta::assert_snapshot;
use xzepr_domain::JsonText;
use xzepr_fixtures::event_with_id;

use super::*;

/// A document of version 0.5 whose white space and numbers must be kept.
const CDEVENT: &str = r#"{
  "context": {"specversion": "0.5.1", "id": "271069a8", "source": "/event/source/123",
    "type": "dev.cdevents.artifact.packaged.0.3.0", "timestamp": "2023-03-20T14:27:05.315384Z",
    "schemaUri": "https://example.com/schema/custom"},
  "subject": {"id": "pkg:golang/example.com/myapp@234fd47e", "content": {"change": {"id": "1"}}},
  "customData": {"size": 1.50}
}"#;

fn event(payload: &str) -> Event {
    Event {
        payload: JsonText::try_from(payload.to_owned()).unwrap(),
        ..event_with_id("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap())
    }
}

fn has_content(payload: &str) -> bool {
    let event = event(payload);
    let has_content = super::has_content(&event);
    assert_eq!(has_content, content(&event).unwrap().is_some());
    has_content
}

#[test]
fn a_message_has_the_attributes_of_the_cdevent_and_the_payload_as_it_was_sent() {
    let content = content(&event(CDEVENT)).unwrap().unwrap();
    assert_snapshot!(String::from_utf8(content.value).unwrap(), @r#"
    {"specversion":"1.0","id":"271069a8","source":"/event/source/123","type":"dev.cdevents.artifact.packaged.0.3.0","time":"2023-03-20T14:27:05.315384Z","subject":"pkg:golang/example.com/myapp@234fd47e","datacontenttype":"application/json","data":{
      "context": {"specversion": "0.5.1", "id": "271069a8", "source": "/event/source/123",
        "type": "dev.cdevents.artifact.packaged.0.3.0", "timestamp": "2023-03-20T14:27:05.315384Z",
        "schemaUri": "https://example.com/schema/custom"},
      "subject": {"id": "pkg:golang/example.com/myapp@234fd47e", "content": {"change": {"id": "1"}}},
      "customData": {"size": 1.50}
    }}
    "#);
    assert_eq!(content.headers, [("content-type", "application/cloudevents+json; charset=UTF-8".to_owned())]);
}

#[test]
fn both_versions_and_custom_events_are_cdevents() {
    assert!(has_content(&CDEVENT.replace(r#""specversion": "0.5.1""#, r#""version": "0.4.1""#)));
    assert!(has_content(&CDEVENT.replace("dev.cdevents.", "dev.cdeventsx.mytool-")));
    assert!(has_content(&CDEVENT.replace("14:27:05.315384Z", "14:27:05+02:00")));
}

#[test]
fn a_payload_that_is_no_cdevent_has_no_message() {
    for payload in [
        "null",
        "[]",
        "{}",
        "\"context\"",
        r#"{"context":{},"subject":{}}"#,
        r#"[{"specversion":"0.5.1","id":"1","source":"s","type":"dev.cdevents.a","timestamp":"2023-03-20T14:27:05Z"},{"id":"1"}]"#,
        r#"{"$serde_json::private::RawValue":"{}"}"#,
    ] {
        assert!(!has_content(payload), "{payload}");
    }
}

#[test]
fn a_cdevent_that_would_be_no_valid_cloudevent_has_no_message() {
    for (text, replacement) in [
        ("\"271069a8\"", "\"\""),
        ("\"271069a8\"", "7"),
        ("\"271069a8\"", "\"a\\u0000\""),
        ("\"271069a8\"", "\"\\ud800\""),
        ("/event/source/123", ""),
        ("/event/source/123", "/event source"),
        ("/event/source/123", "http://[::1"),
        ("dev.cdevents.artifact", "org.example.artifact"),
        ("dev.cdevents.artifact", "dev.cdevents.\\u0085"),
        ("2023-03-20T14:27:05.315384Z", "2023-03-20T14:27:05"),
        ("2023-03-20T14:27:05.315384Z", "2023-02-30T14:27:05Z"),
        ("\"pkg:golang/example.com/myapp@234fd47e\"", "\"\""),
        ("\"pkg:golang/example.com/myapp@234fd47e\"", "null"),
        ("\"pkg:golang/example.com/myapp@234fd47e\"", "\"a\\nb\""),
        ("\"specversion\"", "\"version\""),
        ("0.5.1", "0.4.1"),
        ("0.5.1", "0.6.0"),
        ("0.5.1", "0.5."),
        ("0.5.1", "0.5.1-draft"),
        ("\"specversion\": \"0.5.1\",", ""),
        ("\"specversion\"", "\"version\": \"0.4.1\", \"specversion\""),
        ("\"specversion\"", "\"id\": \"1\", \"specversion\""),
        ("\"subject\"", "\"object\""),
    ] {
        let payload = CDEVENT.replacen(text, replacement, 1);
        assert_ne!(payload, CDEVENT);
        assert!(!has_content(&payload), "{payload}");
    }
}

#[test]
fn a_payload_of_the_largest_size_is_read_at_any_depth() {
    let depth = 100_000;
    let deep = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(has_content(&CDEVENT.replace("1.50", &deep)));
}
