//! Partition and sort keys of every kind of item.

use std::{fmt, str::FromStr};

use xzepr_domain::{EventId, GroupId, Idempotency, Identity, ReceiverId, ReplayId};

/// The table's partition key.
pub const PARTITION_KEY: &str = "pk";

/// The table's sort key.
pub const SORT_KEY: &str = "sk";

/// What the partition keys of event items start with: the event source mapping filters on it.
pub const EVENT_PREFIX: &str = "EVENT#";

/// The primary key of an item. Its text is `<partition key> <sort key>`, in logs and in requests.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The partition key.
    pub partition: String,
    /// The sort key.
    pub sort: String,
}

/// Text that is not the two parts of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be an item's partition key and sort key, with a space between them")]
pub struct InvalidKey;

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.partition, self.sort)
    }
}

impl FromStr for Key {
    type Err = InvalidKey;

    /// No partition key of ours has a space.
    fn from_str(text: &str) -> Result<Self, InvalidKey> {
        match text.split_once(' ') {
            Some((partition, sort)) if !partition.is_empty() && !sort.is_empty() => {
                Ok(Self::new(partition.to_owned(), sort))
            }
            _ => Err(InvalidKey),
        }
    }
}

impl Key {
    fn new(partition: String, sort: impl Into<String>) -> Self {
        Self { partition, sort: sort.into() }
    }

    /// `EVENT#<yyyy-mm-dd>#<last character of the ULID>`: derivable from the id alone, 32 partitions a
    /// day, and a day is 32 ordered queries.
    pub fn event(id: EventId) -> Self {
        let ulid = id.to_string();
        let last = ulid.chars().next_back().unwrap_or_default();
        Self::new(Self::event_partition(id, last), ulid)
    }

    /// The id of the event with this key, if an event can have it.
    pub fn event_id(&self) -> Option<EventId> {
        self.sort.parse().ok().filter(|id| Self::event(*id) == *self)
    }

    /// The partition key of a day's events whose ids end in `character`.
    pub(crate) fn event_partition(day_of: EventId, character: char) -> String {
        format!("{EVENT_PREFIX}{}#{character}", day(day_of))
    }

    pub(crate) fn replay(id: ReplayId) -> Self {
        Self::new(format!("REPLAY#{id}"), "REPLAY")
    }

    /// The one item that says which ranges are being replayed.
    pub(crate) fn running_replays() -> Self {
        Self::new("RUNNING-REPLAYS".to_owned(), "RUNNING-REPLAYS")
    }

    pub(crate) fn receiver(id: ReceiverId) -> Self {
        Self::new(format!("RECEIVER#{id}"), "RECEIVER")
    }

    /// Holds the id of the receiver that was declared with these five members.
    pub(crate) fn identity(identity: &Identity) -> Self {
        Self::new(format!("IDENTITY#{identity}"), "IDENTITY")
    }

    pub(crate) fn group(id: GroupId) -> Self {
        Self::new(format!("GROUP#{id}"), "GROUP")
    }

    /// In the receiver's partition: which groups must hear of an event of this receiver. Counts only
    /// if the group exists, since large groups write their memberships first.
    pub(crate) fn membership(receiver: ReceiverId, group: GroupId) -> Self {
        Self::new(format!("RECEIVER#{receiver}"), format!("GROUP#{group}"))
    }

    /// Holds the first answer to a caller's key. A partition key has at most 2,048 bytes, and a caller's
    /// names can be longer: their digest is not.
    pub(crate) fn idempotency(idempotency: &Idempotency) -> Self {
        let caller = idempotency.caller.digest();
        Self::new(format!("IDEMPOTENCY#{caller}#{}", idempotency.key), "IDEMPOTENCY")
    }

    /// No item has it: reading it opens the connection and nothing else.
    pub(crate) fn warm_up() -> Self {
        Self::new("WARM-UP".to_owned(), "WARM-UP")
    }
}

/// The day (UTC) of an id.
fn day(id: EventId) -> impl fmt::Display {
    id.time().unwrap_or_default().format("%Y-%m-%d")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use xzepr_domain::Caller;

    use super::*;

    #[test]
    fn an_events_key_follows_from_its_id() {
        let key = Key::event("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap());
        assert_eq!(key.partition, "EVENT#2023-12-19#Z");
        assert_eq!(key.sort, "01HJ1K2M3N4P5Q6R7S8T9V0W1Z");
    }

    #[test]
    fn a_keys_text_is_read_again() {
        let key = Key::event("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap());
        assert_eq!(key.to_string().parse(), Ok(key));
        for text in ["", "EVENT#1", " x", "EVENT#1 "] {
            assert_eq!(text.parse::<Key>(), Err(InvalidKey), "{text}");
        }
    }

    #[test]
    fn one_callers_key_is_never_anothers() {
        let partition = |caller: &str, key: &str| {
            let caller = Caller::Principal(caller.to_owned());
            Key::idempotency(&Idempotency::new(caller, key.parse().unwrap(), "/", "")).partition
        };
        assert!(partition("alice", "k").ends_with("#k"));
        assert_ne!(partition("alice#b", "c"), partition("alice", "b#c"));
        assert_ne!(partition("alice#", "c"), partition("alice%23", "c"));
        // DynamoDB's limit.
        assert!(partition(&"x".repeat(4096), &"k".repeat(255)).len() <= 2048);
    }

    #[test]
    fn only_an_events_own_key_is_an_events() {
        let key = Key::event("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap());
        assert!(key.event_id().is_some());
        for sort in
            ["01HJ1K2M3N4P5Q6R7S8T9V0W1Z-copy", "01hj1k2m3n4p5q6r7s8t9v0w1z", "01HJ1K2M3N4P5Q6R7S8T9V0W1Y"]
        {
            assert_eq!(Key { sort: sort.to_owned(), ..key.clone() }.event_id(), None, "{sort}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_text_of_any_key_without_a_space_in_its_partition_is_read_again(
            partition in "[^ ]{1,40}",
            sort in ".{1,40}",
        ) {
            let key = Key { partition, sort };
            prop_assert_eq!(key.to_string().parse(), Ok(key));
        }

        #[test]
        fn the_key_of_any_event_names_that_event(ms in 0..253_402_300_800_000_u64) {
            let id = EventId::last_of(ms);
            prop_assert_eq!(Key::event(id).event_id(), Some(id));
        }

        #[test]
        fn any_text_is_a_key_or_refused(text in ".*") {
            if let Ok(key) = text.parse::<Key>() {
                prop_assert_eq!(key.to_string(), text);
            }
        }
    }
}
