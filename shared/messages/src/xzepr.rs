//! The `xzepr` format: one JSON object, with the members and the order that existing consumers expect.
//!
//! These consumers also expect `specversion` 1.0.1 and the underscores in two names. The strict SDKs of CloudEvents 1.0
//! accept neither.

use serde::Serialize;
use serde_json::value::RawValue;
use xzepr_domain::Event;

use crate::{
    content::{Content, json_of},
    message::EVENT_TYPE_HEADER,
    source::source_of,
};

#[derive(Serialize)]
struct Envelope<'a> {
    success: bool,
    id: &'a str,
    specversion: &'static str,
    r#type: &'a str,
    source: String,
    api_version: &'static str,
    name: &'a str,
    version: &'a str,
    release: &'a str,
    platform_id: &'a str,
    package: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dataschema: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    datacontenttype: Option<&'a str>,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    description: &'a str,
    event_receiver_id: &'a str,
    created_at: String,
    payload: &'a RawValue,
}

/// The content of an event's message.
pub(crate) fn content(event: &Event) -> Result<Content, serde_json::Error> {
    Ok(Content { value: value(event)?, headers: vec![(EVENT_TYPE_HEADER, event.message_type().to_owned())] })
}

fn value(event: &Event) -> Result<Vec<u8>, serde_json::Error> {
    let envelope = Envelope {
        success: event.success,
        id: &event.id.to_string(),
        specversion: "1.0.1",
        r#type: event.message_type(),
        source: source_of(event),
        api_version: "v1",
        name: &event.name,
        version: &event.version,
        release: &event.release,
        platform_id: &event.platform_id,
        package: &event.package,
        time: event.attributes.time.as_deref(),
        subject: event.attributes.subject.as_deref(),
        dataschema: event.attributes.dataschema.as_deref(),
        datacontenttype: event.attributes.datacontenttype.as_deref(),
        data: Data {
            description: &event.description,
            event_receiver_id: &event.event_receiver_id.to_string(),
            created_at: event.id.created_at(),
            payload: event.payload.as_raw(),
        },
    };
    json_of(&envelope, event)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use xzepr_domain::JsonText;
    use xzepr_fixtures::{attributes, event_with_id, group, group_complete, group_incomplete};

    use super::*;

    #[test]
    fn a_message_has_the_members_of_the_contract_in_order_and_the_payload_as_it_was_sent() {
        let event = Event {
            description: "é \"quoted\"".to_owned().try_into().unwrap(),
            payload: JsonText::try_from(r#"{ "z": 1.50, "a": [] }"#.to_owned()).unwrap(),
            ..event_with_id("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap())
        };
        let value = String::from_utf8(value(&event).unwrap()).unwrap();
        assert_snapshot!(
            value,
            @r#"{"success":true,"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","specversion":"1.0.1","type":"build","source":"xzepr.event.receiver.01HJ1K2M3N4P5Q6R7S8T9V0W1X","api_version":"v1","name":"build","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","data":{"description":"é \"quoted\"","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","created_at":"2023-12-19T17:48:16.373Z","payload":{ "z": 1.50, "a": [] }}}"#
        );
    }

    #[test]
    fn the_callers_cloudevents_attributes_are_members_before_the_data() {
        let event = Event {
            attributes: attributes(),
            ..event_with_id("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap())
        };
        let value = String::from_utf8(value(&event).unwrap()).unwrap();
        assert_snapshot!(
            value,
            @r#"{"success":true,"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","specversion":"1.0.1","type":"build","source":"xzepr.event.receiver.01HJ1K2M3N4P5Q6R7S8T9V0W1X","api_version":"v1","name":"build","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","time":"2024-01-15T10:30:00+01:00","subject":"myapp/é","dataschema":"https://example.com/build","datacontenttype":"application/vnd.example+json","data":{"description":"Built myapp","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","created_at":"2023-12-19T17:48:16.373Z","payload":{}}}"#
        );
    }

    #[test]
    fn the_only_header_is_the_type() {
        let headers = content(&event_with_id("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap())).unwrap().headers;
        assert_eq!(headers, [("xzepr-event-type", "build".to_owned())]);
    }

    #[test]
    fn the_message_of_a_complete_group_has_its_type_and_names_the_artifact_and_each_event() {
        let event = group_complete("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap());
        assert_snapshot!(String::from_utf8(value(&event).unwrap()).unwrap(), @r#"{"success":true,"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","specversion":"1.0.1","type":"com.example.gate","source":"xzepr.event.receiver.group.01HJ1K2M3N4P5Q6R7S8T9V0W1Y","api_version":"v1","name":"build","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","data":{"description":"Event receiver group 'release-gate' is complete","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","created_at":"2023-12-19T17:48:16.373Z","payload":{"group_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"For a release","completion":1,"trigger_event_id":"01HJ09QC000000000000000000","events":[{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","event_id":"01HJ09QC000000000000000000","override":true}]}}}"#);
        let headers = content(&event).unwrap().headers;
        assert_eq!(headers, [("xzepr-event-type", "com.example.gate".to_owned())]);
    }

    #[test]
    fn the_message_of_an_incomplete_group_names_the_completion_that_ended_and_the_failures() {
        let event = group_incomplete("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap());
        assert_snapshot!(String::from_utf8(value(&event).unwrap()).unwrap(), @r#"{"success":false,"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","specversion":"1.0.1","type":"com.example.gate","source":"xzepr.event.receiver.group.01HJ1K2M3N4P5Q6R7S8T9V0W1Y","api_version":"v1","name":"build","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","data":{"description":"Event receiver group 'release-gate' is no longer complete","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","created_at":"2023-12-19T17:48:16.373Z","payload":{"group_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"For a release","completion":1,"failed":[{"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","event_id":"01HJ09QC010000000000000000"}],"receiver_ids":["01HJ1K2M3N4P5Q6R7S8T9V0W1X"]}}}"#);
    }

    #[test]
    fn the_message_of_a_modified_group_is_a_system_event() {
        let event = Event::group_modified(&group(), "01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap());
        assert_snapshot!(String::from_utf8(value(&event).unwrap()).unwrap(), @r#"{"success":true,"id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Z","specversion":"1.0.1","type":"xzepr.event.receiver.group.modified","source":"xzepr.event.receiver.01HJ1K2M3N4P5Q6R7S8T9V0W1X","api_version":"v1","name":"xzepr.event.receiver.group.modified","version":"1.0.0","release":"system","platform_id":"xzepr","package":"xzepr.system","data":{"description":"Event receiver group 'release-gate' modified","event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","created_at":"2023-12-19T17:48:16.373Z","payload":{"group_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1Y","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"For a release","enabled":true,"receiver_ids":["01HJ1K2M3N4P5Q6R7S8T9V0W1X"],"receiver_count":1}}}"#);
    }
}
