//! The `cloudevents-binary` format: CloudEvents 1.0 in binary content mode.
//!
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/kafka-protocol-binding.md#32-binary-content-mode>

use xzepr_domain::Event;
use xzepr_settings::PublicBaseUrl;

use crate::{
    attributes::{Value, attributes_of},
    content::Content,
    message::EVENT_TYPE_HEADER,
};

/// The content of an event's message. Its value is the payload's text. So the payload `null` is four bytes and no null
/// value, which a compacted topic would take for a tombstone.
pub(crate) fn content(
    event: &Event,
    base_url: Option<&PublicBaseUrl>,
    partition_key: Option<&str>,
) -> Content {
    let header = |value| match value {
        Value::Text(text) => text.into_owned(),
        Value::Flag(flag) => flag.to_string(),
    };
    Content {
        value: event.payload.as_str().into(),
        headers: attributes_of(event, base_url, partition_key)
            .into_iter()
            .map(|attribute| (attribute.header, header(attribute.value)))
            .chain([(EVENT_TYPE_HEADER, event.message_type().to_owned())])
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use xzepr_domain::JsonText;
    use xzepr_fixtures::{event_with_id, group_incomplete};

    use super::*;

    fn event(payload: &str) -> Event {
        Event {
            package: "é app".to_owned().try_into().unwrap(),
            payload: JsonText::try_from(payload.to_owned()).unwrap(),
            ..event_with_id("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap())
        }
    }

    #[test]
    fn each_attribute_is_a_header_in_utf_8() {
        let headers = content(&event("{}"), None, None).headers;
        let headers: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_snapshot!(headers.join("\n"), @r#"
        ce_specversion: 1.0
        ce_id: 01HJ1K2M3N4P5Q6R7S8T9V0W1Z
        ce_source: xzepr.event.receiver.01HJ1K2M3N4P5Q6R7S8T9V0W1X
        ce_type: build
        ce_time: 2023-12-19T17:48:16.373Z
        ce_subject: %C3%A9%20app/2.1.0
        content-type: application/json
        ce_receiverid: 01HJ1K2M3N4P5Q6R7S8T9V0W1X
        ce_apiversion: v1
        ce_success: true
        ce_name: build
        ce_version: 2.1.0
        ce_release: 2.1.0-rc.1
        ce_platformid: kubernetes
        ce_package: é app
        ce_description: Built myapp
        ce_sequence: 01HJ1K2M3N4P5Q6R7S8T9V0W1Z
        xzepr-event-type: build
        "#);
    }

    #[test]
    fn the_value_is_the_payload_and_never_empty() {
        for payload in ["null", "0", "\"\"", r#"{ "z": 1.50, "a": [] }"#] {
            assert_eq!(content(&event(payload), None, None).value, payload.as_bytes());
        }
    }

    #[test]
    fn the_headers_of_a_gates_event_have_the_type_of_its_group() {
        let event = group_incomplete("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap());
        let content = content(&event, None, None);
        let headers: Vec<_> =
            content.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        assert_snapshot!(headers.join("\n"), @r#"
        ce_specversion: 1.0
        ce_id: 01HJ1K2M3N4P5Q6R7S8T9V0W1Z
        ce_source: xzepr.event.receiver.group.01HJ1K2M3N4P5Q6R7S8T9V0W1Y
        ce_type: com.example.gate
        ce_time: 2023-12-19T17:48:16.373Z
        ce_subject: myapp/2.1.0
        content-type: application/json
        ce_receiverid: 01HJ1K2M3N4P5Q6R7S8T9V0W1Y
        ce_apiversion: v1
        ce_success: false
        ce_name: build
        ce_version: 2.1.0
        ce_release: 2.1.0-rc.1
        ce_platformid: kubernetes
        ce_package: myapp
        ce_description: Event receiver group 'release-gate' is no longer complete
        ce_sequence: 01HJ1K2M3N4P5Q6R7S8T9V0W1Z
        xzepr-event-type: com.example.gate
        "#);
        assert_eq!(content.value, event.payload.as_str().as_bytes());
    }
}
