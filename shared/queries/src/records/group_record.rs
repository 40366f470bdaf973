//! An event receiver group.

use serde::Serialize;
use xzepr_domain::EventReceiverGroup;

/// An event receiver group as callers read it.
#[derive(Debug, Clone, Serialize)]
pub struct GroupRecord {
    /// The ULID.
    pub id: String,
    /// The group's name.
    pub name: String,
    /// The kind of gate.
    pub r#type: String,
    /// The group's version.
    pub version: String,
    /// A description of the gate, for people.
    pub description: String,
    /// Whether the gate is in use.
    pub enabled: bool,
    /// The receivers, in the order of the request that created the group.
    pub event_receiver_ids: Vec<String>,
    /// Whether each successful event of a complete group completes it again.
    pub repeat: bool,
    /// Whether there is a message when a failure follows a completion.
    pub notify_incomplete: bool,
    /// The time in the id, as RFC 3339.
    pub created_at: String,
    /// When `enabled` changed last, or `created_at`, as RFC 3339.
    pub updated_at: String,
}

impl From<EventReceiverGroup> for GroupRecord {
    fn from(group: EventReceiverGroup) -> Self {
        Self {
            updated_at: group.updated_at(),
            id: group.id.to_string(),
            name: group.name.into(),
            r#type: group.r#type.into(),
            version: group.version.into(),
            description: group.description.into(),
            enabled: group.enabled,
            event_receiver_ids: group.event_receiver_ids.iter().map(ToString::to_string).collect(),
            repeat: group.repeat,
            notify_incomplete: group.notify_incomplete,
            created_at: group.id.created_at(),
        }
    }
}
