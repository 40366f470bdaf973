//! Events. An event records one step of a supply chain against an event receiver.

use xzepr_json::JsonText;

use crate::{
    artifact::Artifact,
    attributes::Attributes,
    event_kind::EventKind,
    id::{EventId, ReceiverId},
    text::{Description, ShortText},
};

/// The maximum length of a payload's text, in bytes.
pub const MAX_PAYLOAD_BYTES: usize = 256 * 1024;

/// An accepted event of a caller or of the system. It is stored and published as it is here.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Made when the request is accepted. It contains the time of creation.
    pub id: EventId,
    /// Whether it is a caller's event or one of the registry's own.
    pub kind: EventKind,
    /// The `type` of the message, if it is not the name. Only the events of gates have one.
    pub r#type: Option<ShortText>,
    /// The kind of step.
    pub name: ShortText,
    /// The artifact's version.
    pub version: ShortText,
    /// The artifact's release.
    pub release: ShortText,
    /// The platform that the artifact is for.
    pub platform_id: ShortText,
    /// The artifact's package.
    pub package: ShortText,
    /// A description of the step, for people.
    pub description: Description,
    /// The receiver of the event. In the events of a gate, and in those about an empty group, it is the group's own ULID.
    pub event_receiver_id: ReceiverId,
    /// Whether the step succeeded.
    pub success: bool,
    /// Whether its caller had the right to override a gate. The event counts as any other.
    pub is_override: bool,
    /// The details of the step. They matched the receiver's schema when the event was accepted.
    pub payload: JsonText,
    /// The CloudEvents attributes that the caller has set.
    pub attributes: Attributes,
}

impl Event {
    /// The `type` of its message: the name, or the group's type if it is an event of a gate.
    pub fn message_type(&self) -> &str {
        self.r#type.as_ref().unwrap_or(&self.name)
    }

    /// The artifact that the event is about.
    pub fn artifact(&self) -> Artifact {
        Artifact::of(self)
    }
}
