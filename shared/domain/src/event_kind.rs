//! The kinds of events.

use std::{fmt, str::FromStr};

/// Whether an event is a caller's or one of the registry's own.
///
/// The kind is stored with the event. It cannot follow from the event's name, since a caller may send any name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventKind {
    /// A caller's event. So is a system event that was stored by a release without kinds.
    Event,
    /// An event receiver was created.
    ReceiverCreated,
    /// An event receiver group was created.
    GroupCreated,
}

impl EventKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Event, Self::ReceiverCreated, Self::GroupCreated];

    /// The name of the kind.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::ReceiverCreated => "receiver.created",
            Self::GroupCreated => "group.created",
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
    fn the_name_of_every_kind_is_parsed_as_that_kind() {
        for kind in EventKind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
        }
        assert_eq!("receiver".parse::<EventKind>(), Err(()));
    }
}
