//! The partition keys and sort keys of all kinds of items.

use std::{fmt, str::FromStr};

use chrono::Datelike;
use xzepr_domain::{Artifact, EventId, GroupId, Idempotency, Identity, ReceiverId, ReplayId};
use xzepr_settings::RouteName;

/// The table's partition key.
pub const PARTITION_KEY: &str = "pk";

/// The table's sort key.
pub const SORT_KEY: &str = "sk";

/// The prefix of the partition keys of event items. The event source mapping filters records by it.
pub const EVENT_PREFIX: &str = "EVENT#";

/// The last characters that a ULID can have: <https://github.com/ulid/spec#encoding>. A day has a partition for each.
pub const LAST_CHARACTERS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The prefix of the sort keys of gates.
pub(crate) const GATE_PREFIX: &str = "GATE#";

/// The prefix of the sort keys of memberships.
pub(crate) const MEMBERSHIP_PREFIX: &str = "GROUP#";

/// The partition key of the list of receivers.
pub(crate) const RECEIVER_LIST: &str = "LIST#RECEIVER";

/// The partition key of the list of groups.
pub(crate) const GROUP_LIST: &str = "LIST#GROUP";

/// The prefix of the partition keys of routes' dead letters.
const ROUTE_PREFIX: &str = "ROUTE#";

/// The primary key of an item. In logs and in requests its text is `<partition key> <sort key>`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Key {
    /// The partition key.
    pub partition: String,
    /// The sort key.
    pub sort: String,
}

/// The error of a text that is no key.
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

    /// Splits the text at its first space, since no partition key of this table has one.
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

    /// The key of an event. It follows from the id alone, and its partition key is
    /// `EVENT#<yyyy-mm-dd>#<last character of the ULID>`. A day has 32 partition keys, so 32 ordered queries read it.
    pub fn event(id: EventId) -> Self {
        let ulid = id.to_string();
        let last = ulid.chars().next_back().unwrap_or_default();
        Self::new(Self::event_partition(id, last), ulid)
    }

    /// The id of the event with this key; `None` if no event can have this key.
    pub fn event_id(&self) -> Option<EventId> {
        self.sort.parse().ok().filter(|id| Self::event(*id) == *self)
    }

    /// The key of the dead letter of this item's message by a route. No item of the table has such a key, and no name of a
    /// route has a `#`, so the item's key and the route can be read from it.
    pub fn of_route(&self, route: &RouteName) -> Self {
        Self::new(format!("{ROUTE_PREFIX}{route}#{}", self.partition), &*self.sort)
    }

    /// The item's key and the route, if this is the key of a route's dead letter.
    pub fn split_route(&self) -> Option<(Self, RouteName)> {
        let (route, partition) = self.partition.strip_prefix(ROUTE_PREFIX)?.split_once('#')?;
        Some((Self::new(partition.to_owned(), &*self.sort), route.parse().ok()?))
    }

    /// The partition key of a day's events whose ids end in `character`.
    pub(crate) fn event_partition(day_of: EventId, character: char) -> String {
        let mut partition = String::with_capacity(EVENT_PREFIX.len() + "yyyy-mm-dd#c".len());
        partition.push_str(EVENT_PREFIX);
        push_day(&mut partition, day_of);
        partition.push('#');
        partition.push(character);
        partition
    }

    pub(crate) fn replay(id: ReplayId) -> Self {
        Self::new(format!("REPLAY#{id}"), "REPLAY")
    }

    /// The key of the one item that lists the running replays.
    pub(crate) fn running_replays() -> Self {
        Self::new("RUNNING-REPLAYS".to_owned(), "RUNNING-REPLAYS")
    }

    pub(crate) fn receiver(id: ReceiverId) -> Self {
        Self::new(format!("RECEIVER#{id}"), "RECEIVER")
    }

    /// The key of the item with the id of the receiver that has these five members.
    pub(crate) fn identity(identity: &Identity) -> Self {
        Self::new(format!("IDENTITY#{identity}"), "IDENTITY")
    }

    /// The key of the ledger of an artifact's failures.
    pub(crate) fn reds(artifact: &Artifact) -> Self {
        Self::new(artifact_partition(artifact), "REDS")
    }

    /// The key of an artifact's successes. It is a key of the index table.
    pub(crate) fn greens(artifact: &Artifact) -> Self {
        Self::new(artifact_partition(artifact), "GREENS")
    }

    /// The key of a group's completions for an artifact.
    pub(crate) fn gate(artifact: &Artifact, group: GroupId) -> Self {
        Self::new(artifact_partition(artifact), format!("{GATE_PREFIX}{group}"))
    }

    /// The key of the lag of the index. It is a key of the index table.
    pub(crate) fn lag() -> Self {
        Self::new("LAG".to_owned(), "LAG")
    }

    pub(crate) fn group(id: GroupId) -> Self {
        Self::new(format!("GROUP#{id}"), "GROUP")
    }

    /// The key of a receiver's membership in a group. It is in the receiver's partition, so that one query finds the
    /// groups of a receiver. A membership counts only if its group exists, since the memberships of a large group are
    /// written before the group.
    pub(crate) fn membership(receiver: ReceiverId, group: GroupId) -> Self {
        Self::new(Self::receiver(receiver).partition, format!("{MEMBERSHIP_PREFIX}{group}"))
    }

    /// The key of a receiver in the list of receivers.
    pub(crate) fn listed_receiver(id: ReceiverId) -> Self {
        Self::new(RECEIVER_LIST.to_owned(), id.to_string())
    }

    /// The key of a group in the list of groups.
    pub(crate) fn listed_group(id: GroupId) -> Self {
        Self::new(GROUP_LIST.to_owned(), id.to_string())
    }

    /// The key of the item with the first response to a caller's idempotency key. It contains a digest of the caller,
    /// since a partition key has at most 2,048 bytes and the caller's names can be longer.
    pub(crate) fn idempotency(idempotency: &Idempotency) -> Self {
        let caller = idempotency.caller.digest();
        Self::new(format!("IDEMPOTENCY#{caller}#{}", idempotency.key), "IDEMPOTENCY")
    }

    /// A key that no item has. Reading it only opens the connection.
    pub(crate) fn warm_up() -> Self {
        Self::new("WARM-UP".to_owned(), "WARM-UP")
    }
}

/// The partition key of the items about an artifact.
pub(crate) fn artifact_partition(artifact: &Artifact) -> String {
    format!("ARTIFACT#{}", artifact.digest())
}

/// Adds the day (UTC) of an id. Each record of a batch needs one, and chrono's own format takes far longer.
fn push_day(text: &mut String, id: EventId) {
    let day = id.time().unwrap_or_default().date_naive();
    let digit = |number: u32| char::from_digit(number % 10, 10);
    match u32::try_from(day.year()) {
        Ok(year @ ..=9999) => {
            text.extend([year / 1000, year / 100, year / 10, year].into_iter().filter_map(digit));
            for part in [day.month(), day.day()] {
                text.push('-');
                text.extend([part / 10, part].into_iter().filter_map(digit));
            }
        }
        _ => text.push_str(&day.format("%Y-%m-%d").to_string()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use xzepr_domain::Caller;

    use super::*;

    #[test]
    fn the_key_of_a_routes_dead_letter_names_the_item_and_the_route() {
        let (item, route) = (Key::event(EventId::first_of(1)), "builds.x".parse().unwrap());
        let letter = item.of_route(&route);
        assert_eq!(letter.to_string(), format!("ROUTE#builds.x#{item}"));
        assert_eq!(letter.to_string().parse(), Ok(letter.clone()));
        assert_eq!(letter.split_route(), Some((item.clone(), route)));
        assert_eq!((item.split_route(), letter.event_id()), (None, None));
    }

    #[test]
    fn an_events_key_follows_from_its_id() {
        let key = Key::event("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap());
        assert_eq!(key.partition, "EVENT#2023-12-19#Z");
        assert_eq!(key.sort, "01HJ1K2M3N4P5Q6R7S8T9V0W1Z");
    }

    #[test]
    fn the_text_of_a_key_is_parsed_as_that_key() {
        let key = Key::event("01HJ1K2M3N4P5Q6R7S8T9V0W1Z".parse().unwrap());
        assert_eq!(key.to_string().parse(), Ok(key));
        for text in ["", "EVENT#1", " x", "EVENT#1 "] {
            assert_eq!(text.parse::<Key>(), Err(InvalidKey), "{text}");
        }
    }

    #[test]
    fn two_callers_never_share_the_key_of_a_response() {
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
    fn a_key_that_does_not_follow_from_an_id_has_no_event_id() {
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
        fn the_day_in_a_key_is_that_of_its_id_in_any_year(ms in 0..1_u64 << 48) {
            let id = EventId::first_of(ms);
            let day = id.time().unwrap().format("%Y-%m-%d");
            prop_assert_eq!(Key::event(id).partition, format!("EVENT#{day}#0"));
        }

        #[test]
        fn the_text_of_any_key_without_a_space_in_its_partition_is_parsed_as_that_key(
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
