//! The key of a route's messages.

use std::str::FromStr;

/// The member of an event that becomes the key of its message. Messages with one key lie in one partition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyChoice {
    /// The event's id.
    Id,
    /// The id of the event's receiver.
    Receiver,
    /// The artifact: name, version, release, platform and package.
    Artifact,
}

impl KeyChoice {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Id, Self::Receiver, Self::Artifact];

    pub(super) const RULE: &str = "must be id, receiver or artifact";

    /// Its name in the settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Receiver => "receiver",
            Self::Artifact => "artifact",
        }
    }
}

impl FromStr for KeyChoice {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|choice| choice.as_str() == text).ok_or(Self::RULE)
    }
}
