//! The explanation, for a person who has not seen the routes before.

use xzepr_domain::Event;
use xzepr_messages::{Decision, Message, Messages, NoMessage, Route};
use xzepr_settings::KeyChoice;

use super::{event::ExplainedEvent, receiver::Receiver};

/// The result of a route.
enum Answer {
    Matches,
    DoesNotMatch,
    Undecided,
}

/// A block of lines for each route, and a line about all of them.
pub(super) fn of(messages: &Messages, event: &ExplainedEvent, receiver: &Receiver) -> String {
    let mut blocks = vec![about(event, receiver)];
    let mut answers = Vec::new();
    for route in messages.routes() {
        let (answer, block) = block(messages, route, event, receiver);
        answers.push(answer);
        blocks.push(block);
    }
    blocks.push(summary(&answers));
    blocks.join("\n\n")
}

fn about(ExplainedEvent { event, is_stored }: &ExplainedEvent, receiver: &Receiver) -> String {
    let Event { name, package, platform_id, success, kind, event_receiver_id, .. } = event;
    let id = if *is_stored { event.id.to_string() } else { "of the body".to_owned() };
    let receiver_type =
        receiver.get().map_or(String::new(), |receiver| format!("\n  receiver_type: {}", &*receiver.r#type));
    format!(
        "Event {id}\n  type: {}\n  platform_id: {}\n  package: {}\n  success: {success}\n  kind: {kind}\n  \
         receiver_id: {event_receiver_id}{receiver_type}",
        &**name, &**platform_id, &**package
    )
}

fn block(
    messages: &Messages,
    route: &Route,
    event: &ExplainedEvent,
    receiver: &Receiver,
) -> (Answer, String) {
    let name = &route.settings.name;
    match messages.decide(route, &event.event, receiver.get()) {
        Decision::Differs(differences) => {
            let lines: Vec<_> = differences.iter().map(|difference| format!("  {difference}")).collect();
            (Answer::DoesNotMatch, format!("Route {name} does not match:\n{}", lines.join("\n")))
        }
        Decision::MissingReceiver => {
            let reason = missing(receiver, event);
            (Answer::Undecided, format!("Route {name} may match. It compares the receiver_type:\n  {reason}"))
        }
        Decision::Matches => {
            let message = messages.message(route, &event.event, receiver.get());
            let rest = match message {
                Ok(Some(message)) => format!("matches:\n{}", place(route, event, &message)),
                Ok(None) => format!(
                    "matches, and sends nothing:\n  its format {} has no message for such an event",
                    route.settings.format
                ),
                Err(NoMessage::MissingReceiver) => {
                    format!("matches. Its message needs the receiver:\n  {}", missing(receiver, event))
                }
                Err(reason) => format!("matches, and the event becomes a dead letter of it:\n  {reason}"),
            };
            (Answer::Matches, format!("Route {name} {rest}"))
        }
    }
}

fn place(route: &Route, event: &ExplainedEvent, message: &Message) -> String {
    let key = match route.settings.key {
        KeyChoice::Id if !event.is_stored => "the id that the POST returns",
        _ => &message.key,
    };
    format!("  topic: {}\n  key: {key}\n  format: {}", message.topic, route.settings.format)
}

fn missing(receiver: &Receiver, event: &ExplainedEvent) -> String {
    let id = event.event.event_receiver_id;
    match receiver {
        Receiver::Unread(reason) => {
            format!("receiver {id} could not be read: {reason}; name its type with --receiver-type")
        }
        _ if event.is_stored => format!(
            "receiver {id} is not in the table, or its item cannot be read, so the event becomes a dead letter"
        ),
        _ => format!("receiver {id} is not in the table, so a POST would refuse the body"),
    }
}

fn summary(answers: &[Answer]) -> String {
    let count = |is: fn(&Answer) -> bool| answers.iter().filter(|answer| is(answer)).count();
    let matching = count(|answer| matches!(answer, Answer::Matches));
    let undecided = count(|answer| matches!(answer, Answer::Undecided));
    match (matching, undecided) {
        (0, 0) => "No route matches. The event is unrouted: it is stored, and makes no message.".to_owned(),
        (_, 0) => format!("{matching} of {} routes match.", answers.len()),
        _ => format!("{matching} of {} routes match, and {undecided} may match.", answers.len()),
    }
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
