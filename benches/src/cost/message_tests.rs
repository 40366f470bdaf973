//! The sizes of messages are those that the formats make.

use xzepr_domain::{Budget, EventReceiverRequest, EventRequest, Rejected, Schema};
use xzepr_messages::Messages;
use xzepr_settings::{Format, Settings};

use crate::cost::kafka::extra_bytes;

const RECEIVER: &str = r#"{"name":"artifact-packaged","type":"dev.cdevents.artifact.packaged","version":"1.0.0","description":"An artifact was packaged","schema":{"type":"object"}}"#;

/// Its payload is a CDEvent, so that it has a message in each format.
const EVENT: &str = r#"{"name":"artifact.packaged","version":"2.1.0","release":"2.1.0-rc.1","platform_id":"kubernetes","package":"myapp","description":"Packaged myapp","success":true,"event_receiver_id":"01HJ1K2M3N4P5Q6R7S8T9V0W1X","payload":{"context":{"specversion":"0.5.1","id":"271069a8","source":"/ci/myapp","timestamp":"2023-12-19T17:48:15Z","type":"dev.cdevents.artifact.packaged.0.3.0"},"subject":{"id":"pkg:oci/myapp@2.1.0","content":{"change":{"id":"8a41d5f"}}}}}"#;

#[test]
fn messages_have_these_bytes_beyond_the_event() {
    let receiver = EventReceiverRequest::parse(RECEIVER).unwrap();
    let receiver = match receiver.accept("01HJ1K2M3N4P5Q6R7S8T9V0W1X".parse().unwrap()) {
        Ok(receiver) => receiver,
        Err(Rejected { .. }) => panic!("the receiver is refused"),
    };
    let schema = Schema::compile(&receiver.schema).unwrap();
    let id = "01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap();
    let event = EventRequest::parse(EVENT).unwrap().accept(Some(Ok(&schema)), id, &mut Budget::default());
    let event = event.unwrap();
    let extra = Format::ALL.map(|format| {
        let settings = Settings::new(|_| None, &format!("format: {format}\n")).unwrap();
        let messages = Messages::new(settings.messages().unwrap());
        let message = messages.message(&messages.routes()[0], &event, Some(&receiver)).unwrap().unwrap();
        message.size() as f64 - EVENT.len() as f64
    });
    assert_eq!(extra, Format::ALL.map(extra_bytes));
}
