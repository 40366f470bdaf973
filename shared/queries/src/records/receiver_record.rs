//! An event receiver.

use serde::{Serialize, Serializer};
use xzepr_domain::{EventReceiver, JsonText};

/// An event receiver as callers read it.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiverRecord {
    /// The ULID.
    pub id: String,
    /// The receiver's name.
    pub name: String,
    /// The kind of step.
    pub r#type: String,
    /// The receiver's version.
    pub version: String,
    /// A description of the step, for people.
    pub description: String,
    /// The exact text that was sent.
    #[serde(serialize_with = "as_raw")]
    pub schema: JsonText,
    /// `sha256:` and 64 hexadecimal digits.
    pub fingerprint: String,
    /// The time in the id, as RFC 3339.
    pub created_at: String,
}

impl From<EventReceiver> for ReceiverRecord {
    fn from(receiver: EventReceiver) -> Self {
        Self {
            fingerprint: receiver.fingerprint().to_string(),
            id: receiver.id.to_string(),
            name: receiver.name.into(),
            r#type: receiver.r#type.into(),
            version: receiver.version.into(),
            description: receiver.description.into(),
            schema: receiver.schema,
            created_at: receiver.id.created_at(),
        }
    }
}

/// JSON text without a change of its bytes.
fn as_raw<S: Serializer>(text: &JsonText, serializer: S) -> Result<S::Ok, S::Error> {
    text.as_raw().serialize(serializer)
}
