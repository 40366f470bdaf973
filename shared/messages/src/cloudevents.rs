//! The `cloudevents` format: CloudEvents 1.0 in structured content mode.
//!
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md>

use xzepr_domain::Event;
use xzepr_settings::PublicBaseUrl;

use crate::{
    attributes::{Attribute, Value, attributes_of},
    content::{CONTENT_TYPE_HEADER, Content, STRUCTURED, room_for},
};

/// The content of an event's message.
pub(crate) fn content(
    event: &Event,
    base_url: Option<&PublicBaseUrl>,
    partition_key: Option<&str>,
) -> Result<Content, serde_json::Error> {
    let mut value = room_for(event);
    value.push(b'{');
    for Attribute { member, value: of_member, .. } in attributes_of(event, base_url, partition_key) {
        value.extend_from_slice(member.as_bytes());
        match of_member {
            Value::Text(text) => serde_json::to_writer(&mut value, &*text)?,
            Value::Flag(flag) => serde_json::to_writer(&mut value, &flag)?,
        }
        value.push(b',');
    }
    value.extend_from_slice(b"\"data\":");
    value.extend_from_slice(event.payload.as_str().as_bytes());
    value.push(b'}');
    Ok(Content { value, headers: vec![(CONTENT_TYPE_HEADER, STRUCTURED.to_owned())] })
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use xzepr_domain::JsonText;
    use xzepr_fixtures::{attributes, event_with_id, group_complete, receiver};

    use super::*;

    fn event() -> Event {
        Event {
            payload: JsonText::try_from(r#"{ "z": 1.50, "a": [] }"#.to_owned()).unwrap(),
            ..event_with_id("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap())
        }
    }

    fn value(event: &Event, base_url: Option<&str>) -> String {
        let base_url: Option<PublicBaseUrl> = base_url.map(|url| url.parse().unwrap());
        String::from_utf8(content(event, base_url.as_ref(), None).unwrap().value).unwrap()
    }

    #[test]
    fn a_message_has_the_required_attributes_first_and_the_payload_as_it_was_sent() {
        assert_snapshot!(
            value(&event(), None),
            @r#"{"specversion":"1.0","id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","source":"xzepr.event.receiver.01HJ1K2M3N4P5Q6R7S8T9V0W1X","type":"build","time":"2023-12-19T17:48:16.373Z","subject":"myapp/2.1.0","datacontenttype":"application/json","receiverid":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","apiversion":"v1","success":true,"name":"build","version":"2.1.0","release":"2.1.0-rc.1","platformid":"kubernetes","package":"myapp","description":"Built myapp","sequence":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","data":{ "z": 1.50, "a": [] }}"#
        );
    }

    #[test]
    fn the_callers_own_attributes_are_carried() {
        let event = Event { attributes: attributes(), success: false, ..event() };
        assert_snapshot!(
            value(&event, Some("https://registry.example.com")),
            @r#"{"specversion":"1.0","id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","source":"xzepr.event.receiver.01HJ1K2M3N4P5Q6R7S8T9V0W1X","type":"build","time":"2024-01-15T10:30:00+01:00","subject":"myapp/é","datacontenttype":"application/vnd.example+json","dataschema":"https://example.com/build","receiverid":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","apiversion":"v1","success":false,"name":"build","version":"2.1.0","release":"2.1.0-rc.1","platformid":"kubernetes","package":"myapp","description":"Built myapp","sequence":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01","data":{ "z": 1.50, "a": [] }}"#
        );
    }

    #[test]
    fn a_key_that_is_not_the_id_is_an_attribute() {
        let value = content(&event(), None, Some("a/b")).unwrap().value;
        assert!(String::from_utf8(value).unwrap().contains(r#","partitionkey":"a/b","data":"#));
    }

    #[test]
    fn the_only_header_is_the_content_type() {
        let headers = content(&event(), None, None).unwrap().headers;
        assert_eq!(headers, [("content-type", "application/cloudevents+json; charset=UTF-8".to_owned())]);
    }

    #[test]
    fn the_schema_of_the_receiver_is_named_if_the_registry_has_a_public_url() {
        let with_url = |event: &Event| value(event, Some("https://registry.example.com/"));
        let schema = r#""dataschema":"https://registry.example.com/api/v1/event-receivers/01HJ1K2M3N4P5Q6R7S8T9V0W1X/schema""#;
        assert!(with_url(&event()).contains(schema));
        // The payload of a system event does not follow the schema of the receiver that it names.
        assert!(!with_url(&Event::receiver_created(&receiver(), event().id)).contains("dataschema"));
    }

    #[test]
    fn the_parts_of_the_subject_are_encoded() {
        let text = |text: &str| text.to_owned();
        let event = Event {
            package: text("a/b %é~_").try_into().unwrap(),
            version: text("1.0-x+y").try_into().unwrap(),
            ..event()
        };
        assert!(value(&event, None).contains(r#""subject":"a%2Fb%20%25%C3%A9~_/1.0-x%2By""#));
    }

    #[test]
    fn the_event_of_a_gate_has_the_type_of_its_group_and_a_source_of_its_own() {
        let event = group_complete("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap());
        assert_snapshot!(value(&event, Some("https://registry.example.com")), @r#"{"specversion":"1.0","id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","source":"xzepr.event.receiver.group.01HJ1K2M3N4P5Q6R7S8T9V0W1Y","type":"com.example.gate","time":"2023-12-19T17:48:16.373Z","subject":"myapp/2.1.0","datacontenttype":"application/json","receiverid":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","apiversion":"v1","success":true,"name":"build","version":"2.1.0","release":"2.1.0-rc.1","platformid":"kubernetes","package":"myapp","description":"Event receiver group 'release-gate' is complete","sequence":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","data":{"group_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"For a release","completion":1,"trigger_event_id":"01HJ09QC000000000000000000","events":[{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","event_id":"01HJ09QC000000000000000000","override":true}]}}"#);
    }
}
