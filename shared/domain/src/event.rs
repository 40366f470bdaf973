//! Events. An event records one step of a supply chain against an event receiver.

use xzepr_json::JsonText;

use crate::{
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
    /// The kind of step. It is also the `type` of the message.
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
    /// The receiver of the event. In the created event of an empty group it is the group's own ULID.
    pub event_receiver_id: ReceiverId,
    /// Whether the step succeeded.
    pub success: bool,
    /// The details of the step. They matched the receiver's schema when the event was accepted.
    pub payload: JsonText,
    /// The CloudEvents attributes that the caller has set.
    pub attributes: Attributes,
}
