//! The parts of an event that a route can compare or name a topic with.

use std::{fmt, str::FromStr};

use xzepr_domain::EventKind;

/// A part of an event, or the deployment's environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    /// The `type` of the message. It is the event's name, or the group's type if the event is of a gate.
    Type,
    /// The event's name.
    Name,
    /// The artifact's platform.
    PlatformId,
    /// The artifact's package.
    Package,
    /// The id of the event's receiver.
    ReceiverId,
    /// The type of the event's receiver.
    ReceiverType,
    /// The setting `XZEPR_ENVIRONMENT`.
    Environment,
    /// Whether the step succeeded: `true` or `false`.
    Success,
    /// The [kind](EventKind) of the event.
    Kind,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 9] = [
        Self::Type,
        Self::Name,
        Self::PlatformId,
        Self::Package,
        Self::ReceiverId,
        Self::ReceiverType,
        Self::Environment,
        Self::Success,
        Self::Kind,
    ];

    /// The name of the field in the settings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Name => "name",
            Self::PlatformId => "platform_id",
            Self::Package => "package",
            Self::ReceiverId => "receiver_id",
            Self::ReceiverType => "receiver_type",
            Self::Environment => "environment",
            Self::Success => "success",
            Self::Kind => "kind",
        }
    }

    /// Whether a topic's template may name the field.
    pub(super) fn is_for_topics(self) -> bool {
        !matches!(self, Self::Success | Self::Kind)
    }

    /// Whether events of this kind have the field. A group has no receiver of its own.
    pub fn is_of(self, kind: EventKind) -> bool {
        match kind {
            EventKind::Event | EventKind::ReceiverCreated => true,
            EventKind::GroupCreated
            | EventKind::GroupModified
            | EventKind::GroupComplete
            | EventKind::GroupIncomplete => !matches!(self, Self::ReceiverId | Self::ReceiverType),
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Field {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|field| field.as_str() == text).ok_or(())
    }
}

/// The names of fields, as a text for a fault.
pub(super) fn names(fields: impl Iterator<Item = Field>) -> String {
    fields.map(Field::as_str).collect::<Vec<_>>().join(", ")
}
