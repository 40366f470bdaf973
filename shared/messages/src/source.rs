//! The `source` of an event's messages.

use xzepr_domain::{Event, EventKind};

/// The `source` in each format that names the registry as the producer. It is the same in all of them, so that a
/// consumer of several topics can drop duplicates by `source` and `id`.
///
/// The source of a gate begins as that of a receiver, since existing consumers select events by that beginning.
pub(crate) fn source_of(event: &Event) -> String {
    let id = event.event_receiver_id;
    match event.kind {
        EventKind::GroupComplete | EventKind::GroupIncomplete => format!("xzepr.event.receiver.group.{id}"),
        EventKind::Event
        | EventKind::ReceiverCreated
        | EventKind::GroupCreated
        | EventKind::GroupModified => {
            format!("xzepr.event.receiver.{id}")
        }
    }
}
