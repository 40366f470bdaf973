//! Prints the message of each format for two events of a caller and each event of the registry itself.
//!
//! `cargo run -q -p xzepr-messages --example formats`

mod indent;

use std::error::Error;

use indent::indented;
use xzepr_domain::{
    Budget, Event, EventReceiver, EventReceiverGroup, EventReceiverGroupRequest, EventReceiverRequest,
    EventRequest, Rejected, Schema,
    gate::{Gate, Greens, Reds, evaluate},
};
use xzepr_messages::{Message, Messages};
use xzepr_settings::{Format, Settings};

const RECEIVER: &str = r#"{"name": "artifact-packaged", "type": "dev.cdevents.artifact.packaged", "version": "1.0.0",
    "description": "An artifact was packaged", "schema": {"type": "object"}}"#;

const GROUP: &str = r#"{"name": "release-gate", "type": "com.example.gate", "version": "1.0.0", "enabled": true,
    "description": "For a release", "event_receiver_ids": ["01HJ1K2M3N4P5Q6R7S8T9V0W1X"], "notify_incomplete": true}"#;

/// Its payload is a CDEvent, so that it has a message in each format.
const PACKAGED: &str = r#"{"name": "artifact.packaged", "version": "2.1.0", "release": "2.1.0-rc.1",
    "platform_id": "kubernetes", "package": "myapp", "description": "Packaged myapp", "success": true,
    "event_receiver_id": "01HJ1K2M3N4P5Q6R7S8T9V0W1X", "payload": {
        "context": {"specversion": "0.5.1", "id": "271069a8", "source": "/ci/myapp", "timestamp": "2023-12-19T17:48:15Z",
            "type": "dev.cdevents.artifact.packaged.0.3.0"},
        "subject": {"id": "pkg:oci/myapp@2.1.0", "content": {"change": {"id": "8a41d5f"}}}}}"#;

const FAILED: &str = r#"{"name": "artifact.packaged", "version": "2.1.1", "release": "2.1.1-rc.1",
    "platform_id": "kubernetes", "package": "myapp", "description": "Could not package myapp", "success": false,
    "event_receiver_id": "01HJ1K2M3N4P5Q6R7S8T9V0W1X", "payload": {"exit_code": 1},
    "time": "2023-12-19T18:48:16+01:00", "subject": "myapp"}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let receiver =
        accepted(EventReceiverRequest::parse(RECEIVER)?.accept("01HJ1K2M3N4P5Q6R7S8T9V0W1X".parse()?))?;
    let group = EventReceiverGroupRequest::parse(GROUP)?;
    let group = accepted(group.accept(&[receiver.id].into(), "01HJ1K2M3N4P5Q6R7S8T9V0W1Y".parse()?))?;
    for format in Format::ALL {
        let file = format!("format: {format}\npublic_base_url: https://registry.example.com\n");
        let settings = Settings::new(|_| None, &file)?;
        let messages = Messages::new(settings.messages()?);
        for (title, event) in events(&receiver, &group)? {
            println!("# {format}: {title}\n");
            match messages.message(&messages.routes()[0], &event, Some(&receiver))? {
                Some(message) => print(&message)?,
                None => println!("no message\n"),
            }
        }
    }
    Ok(())
}

/// Each kind of event.
fn events(
    receiver: &EventReceiver,
    group: &EventReceiverGroup,
) -> Result<Vec<(&'static str, Event)>, Box<dyn Error>> {
    let schema = Schema::compile(&receiver.schema)?;
    let accept = |body, id: &str| -> Result<Event, Box<dyn Error>> {
        Ok(accepted(EventRequest::parse(body)?.accept(
            Some(Ok(&schema)),
            id.parse()?,
            &mut Budget::default(),
        ))?)
    };
    let packaged = accept(PACKAGED, "01HJ1K2M3N4P5Q6R7S8T9V0W1Z")?;
    let gate = gate_events(group, &packaged)?;
    let created = [
        ("an event", packaged),
        ("a failed event", accept(FAILED, "01HJ1K2M3N4P5Q6R7S8T9V0W20")?),
        ("a receiver was created", Event::receiver_created(receiver, "01HJ1K2M3N4P5Q6R7S8T9V0W21".parse()?)),
        ("a group was created", Event::group_created(group, "01HJ1K2M3N4P5Q6R7S8T9V0W22".parse()?)),
        ("a group was modified", Event::group_modified(group, "01HJ1K2M3N4P5Q6R7S8T9V0W23".parse()?)),
    ];
    Ok(created.into_iter().chain(gate).collect())
}

/// The events of a gate that an event completes, and that a later failure ends.
fn gate_events(
    group: &EventReceiverGroup,
    event: &Event,
) -> Result<Vec<(&'static str, Event)>, Box<dyn Error>> {
    let (artifact, receiver) = (event.artifact(), event.event_receiver_id);
    let greens = Greens { latest: [(receiver, event.id)].into_iter().collect(), ..Greens::default() };
    let none = (Reds::default(), Gate::default());
    let complete =
        evaluate(group, &artifact, &greens, &none.0, &none.1, "01HJ1K2M3N4P5Q6R7S8T9V0W24".parse()?)
            .ok_or("the group is not complete")?;
    let failed = [(receiver, "01HJ1K2M3N4P5Q6R7S8T9V0W25".parse()?)];
    let reds = Reds { latest: failed.into_iter().collect(), revision: 1 };
    let end = "01HJ1K2M3N4P5Q6R7S8T9V0W26".parse()?;
    let end = evaluate(group, &artifact, &greens, &reds, &complete.gate, end);
    let complete = complete.events.complete.map(|event| ("a group is complete", event));
    let incomplete = end.and_then(|end| end.events.incomplete);
    let incomplete = incomplete.map(|event| ("a group is no longer complete", event));
    Ok(complete.into_iter().chain(incomplete).collect())
}

fn accepted<T>(result: Result<T, Rejected>) -> Result<T, String> {
    result.map_err(|rejected| format!("{:?}", rejected.faults))
}

fn print(message: &Message) -> Result<(), Box<dyn Error>> {
    println!("topic   {}\nkey     {}", message.topic, message.key);
    for (name, value) in &message.headers {
        println!("header  {name}: {value}");
    }
    println!("{}\n", indented(str::from_utf8(&message.value)?));
    Ok(())
}
