//! Partition and sort keys of every kind of item.

use xzepr_domain::{EventId, GroupId, Idempotency, Identity, ReceiverId};

/// The table's partition key.
pub const PARTITION_KEY: &str = "pk";

/// The table's sort key.
pub const SORT_KEY: &str = "sk";

/// What the partition keys of event items start with: the event source mapping filters on it.
pub const EVENT_PREFIX: &str = "EVENT#";

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) partition: String,
    pub(crate) sort: String,
}

impl Key {
    fn new(partition: String, sort: impl Into<String>) -> Self {
        Self { partition, sort: sort.into() }
    }

    /// `EVENT#<yyyy-mm-dd>#<last character of the ULID>`: derivable from the id alone, 32 partitions a
    /// day, and a day is 32 ordered queries.
    pub(crate) fn event(id: EventId) -> Self {
        let ulid = id.to_string();
        let day = id.time().unwrap_or_default().format("%Y-%m-%d");
        Self::new(format!("{EVENT_PREFIX}{day}#{}", &ulid[ulid.len() - 1..]), ulid)
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

    /// Holds the first answer to a caller's key. The caller's text cannot reach into the key's.
    pub(crate) fn idempotency(idempotency: &Idempotency) -> Self {
        let caller = idempotency.caller.replace('%', "%25").replace('#', "%23");
        Self::new(format!("IDEMPOTENCY#{caller}#{}", idempotency.key), "IDEMPOTENCY")
    }

    /// No item has it: reading it opens the connection and nothing else.
    pub(crate) fn warm_up() -> Self {
        Self::new("WARM-UP".to_owned(), "WARM-UP")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_events_key_follows_from_its_id() {
        let key = Key::event("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap());
        assert_eq!(key.partition, "EVENT#2023-12-19#Z");
        assert_eq!(key.sort, "01HJ1K2M3N4P5Q6R7S8T9V0W1Z");
    }

    #[test]
    fn one_callers_key_is_never_anothers() {
        let partition = |caller: &str, key: &str| {
            Key::idempotency(&Idempotency::new(caller.to_owned(), key.parse().unwrap(), "/", "")).partition
        };
        assert_eq!(partition("alice", "k"), "IDEMPOTENCY#alice#k");
        assert_ne!(partition("alice#b", "c"), partition("alice", "b#c"));
        assert_ne!(partition("alice#", "c"), partition("alice%23", "c"));
    }
}
