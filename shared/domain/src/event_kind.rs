//! The kinds of events.

use std::{fmt, str::FromStr};

use crate::system_event::{
    GROUP_CREATED, RECEIVER_CREATED, SYSTEM_PACKAGE, SYSTEM_PLATFORM_ID, SYSTEM_RELEASE,
};

/// Whether an event is a caller's or one of the registry's own.
///
/// The kind is stored with the event. It cannot follow from the event's name, since a caller may send any name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A caller's event.
    Event,
    /// An event receiver was created.
    ReceiverCreated,
    /// An event receiver group was created.
    GroupCreated,
    /// An event receiver group was enabled or disabled.
    GroupModified,
    /// A group is complete for an artifact.
    GroupComplete,
    /// A group is no longer complete for an artifact.
    GroupIncomplete,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::Event,
        Self::ReceiverCreated,
        Self::GroupCreated,
        Self::GroupModified,
        Self::GroupComplete,
        Self::GroupIncomplete,
    ];

    /// Whether it is the kind of callers' events.
    pub fn is_callers(self) -> bool {
        self == Self::Event
    }

    /// The kind of an event that a release without kinds has stored, by the members that this release gave to its system
    /// events.
    pub fn of_members(name: &str, release: &str, platform_id: &str, package: &str) -> Self {
        let is_system =
            (release, platform_id, package) == (SYSTEM_RELEASE, SYSTEM_PLATFORM_ID, SYSTEM_PACKAGE);
        match name {
            RECEIVER_CREATED if is_system => Self::ReceiverCreated,
            GROUP_CREATED if is_system => Self::GroupCreated,
            _ => Self::Event,
        }
    }

    /// The name of the kind.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::ReceiverCreated => "receiver.created",
            Self::GroupCreated => "group.created",
            Self::GroupModified => "group.modified",
            Self::GroupComplete => "group.complete",
            Self::GroupIncomplete => "group.incomplete",
        }
    }
}

impl fmt::Display for EventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EventKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_without_a_kind_is_a_system_event_if_its_members_are_those_of_one() {
        let kind = |name, release| EventKind::of_members(name, release, "xzepr", "xzepr.system");
        assert_eq!(kind("xzepr.event.receiver.created", "system"), EventKind::ReceiverCreated);
        assert_eq!(kind("xzepr.event.receiver.group.created", "system"), EventKind::GroupCreated);
        assert_eq!(kind("xzepr.event.receiver.created", "1.0.0"), EventKind::Event);
        assert_eq!(kind("build", "system"), EventKind::Event);
    }

    #[test]
    fn the_name_of_every_kind_is_parsed_as_that_kind() {
        for kind in EventKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert_eq!("receiver".parse::<EventKind>(), Err(()));
    }
}
