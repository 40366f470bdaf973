//! The truth table of `docs/gates.md`. Each row runs on the rules and on the indexer.

mod indexer;
mod rules;
mod table;

use std::fmt::Write;

use table::{Change, Row, Step};
use xzepr_domain::{
    Artifact, Attributes, Event, EventId, EventKind, EventReceiverGroup, GroupId, JsonText, ReceiverId,
    ShortText, gate::Gate,
};

/// The registry, as far as gates need it.
trait World {
    /// Accepts an event.
    async fn accept(&mut self, event: &Event);

    /// Brings the record of an event to the function that evaluates it.
    async fn deliver(&mut self, event: &Event);

    /// Stores a new group.
    async fn create(&mut self, group: &EventReceiverGroup);

    /// Enables or disables the group.
    async fn modify(&mut self, group: &EventReceiverGroup);

    /// The completions of the group for the artifact.
    async fn gate(&self, group: GroupId, artifact: &Artifact) -> Gate;
}

/// Runs the steps of a row. Returns the message of each, in the words of the table, and the group and the events at the
/// end.
async fn run(row: &Row, world: &mut impl World) -> (Vec<String>, EventReceiverGroup, Vec<Event>) {
    let receivers = [ReceiverId::generate(), ReceiverId::generate()];
    let mut group = row.group(&receivers);
    let artifact = artifact(row.number, "1");
    let (mut accepted, mut on_the_way, mut delivered) = (Vec::new(), Vec::new(), Vec::new());
    if !row.is_created_later() {
        world.create(&group).await;
    }
    let start = EventId::generate().timestamp_ms();
    let (mut newest, mut oldest) = (start, start);
    let mut messages = Vec::new();
    for step in &row.steps {
        let before = world.gate(group.id, &artifact).await;
        match step {
            Step::Event(posted) => {
                let ms = if posted.is_old {
                    oldest -= 1;
                    oldest
                } else {
                    newest = (newest + 1).max(EventId::generate().timestamp_ms());
                    newest
                };
                let of = if posted.is_of_another_release {
                    self::artifact(row.number, "2")
                } else {
                    artifact.clone()
                };
                let event = event(EventId::first_of(ms), receivers[posted.receiver], posted.success, of);
                world.accept(&event).await;
                if posted.is_on_the_way {
                    on_the_way.push(event.clone());
                } else {
                    world.deliver(&event).await;
                    delivered.push(event.clone());
                }
                accepted.push(event);
            }
            Step::Arrive => {
                for event in std::mem::take(&mut on_the_way) {
                    world.deliver(&event).await;
                    delivered.push(event);
                }
            }
            Step::Again => {
                for event in &delivered {
                    world.deliver(event).await;
                }
            }
            Step::Group(Change::Create) => world.create(&group).await,
            Step::Group(change) => {
                group.enabled = *change == Change::Enable;
                group.updated_at = EventId::generate().time();
                world.modify(&group).await;
            }
        }
        messages.push(message(&before, &world.gate(group.id, &artifact).await));
    }
    assert!(on_the_way.is_empty(), "{}: no record stays on its way", row.text);
    (messages, group, accepted)
}

/// The messages between two states of a gate, in the words of the table.
fn message(before: &Gate, after: &Gate) -> String {
    let mut message = String::new();
    if after.incomplete > before.incomplete {
        write!(message, "+I{}", after.incomplete).unwrap();
    }
    for completion in before.completions + 1..=after.completions {
        write!(message, "+C{completion}").unwrap();
    }
    message.strip_prefix('+').unwrap_or(".").to_owned()
}

/// The artifact of a row. Rows share no artifact.
fn artifact(row: usize, release: &str) -> Artifact {
    let text = |text: &str| ShortText::try_from(text.to_owned()).unwrap();
    Artifact {
        name: text("myapp"),
        version: text("1"),
        release: text(release),
        platform_id: text("linux"),
        package: text(&format!("row-{row}")),
    }
}

fn event(id: EventId, receiver: ReceiverId, success: bool, artifact: Artifact) -> Event {
    let Artifact { name, version, release, platform_id, package } = artifact;
    Event {
        id,
        kind: EventKind::Event,
        r#type: None,
        name,
        version,
        release,
        platform_id,
        package,
        description: "A step".to_owned().try_into().unwrap(),
        event_receiver_id: receiver,
        success,
        is_override: false,
        payload: JsonText::try_from("{}".to_owned()).unwrap(),
        attributes: Attributes::default(),
    }
}
