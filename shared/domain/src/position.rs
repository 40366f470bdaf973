//! The position up to which a time range is read.

use std::fmt;

use crate::EventId;

/// Every item of the range whose sort key is not above this text is done. The text is usually the id of an event. It
/// can also be the sort key of an item that is not an event, because such an item must not stop the progress.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position(String);

impl Position {
    /// The position of a sort key, as it is stored.
    pub fn of(sort_key: impl Into<String>) -> Self {
        Self(sort_key.into())
    }

    /// The sort key.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The highest id that is not above the position. `None` if all ids are above it.
    pub fn last_id(&self) -> Option<EventId> {
        EventId::not_above(&self.0)
    }
}

impl From<EventId> for Position {
    fn from(id: EventId) -> Self {
        Self(id.to_string())
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_between_two_ids_belongs_to_the_lower_one() {
        let last_id = |text: &str| Position::of(text).last_id().map(|id| id.to_string());
        let id = "01HJ1K2M3N4P5Q6R7S8T9V0W1Z";
        for text in [id, "01HJ1K2M3N4P5Q6R7S8T9V0W1Z-copy", "01HJ1K2M3N4P5Q6R7S8T9V0W1Z\u{e9}"] {
            assert_eq!(last_id(text).as_deref(), Some(id), "{text}");
        }
        // No ULID contains I, L, O or U, or a character after Z.
        assert_eq!(last_id("01HJ1K2M3N4P5Q6R7S8T9V0W1I").unwrap(), "01HJ1K2M3N4P5Q6R7S8T9V0W1H");
        assert_eq!(last_id("01hj").unwrap(), "01ZZZZZZZZZZZZZZZZZZZZZZZZ");
        assert_eq!(last_id("01HJ-").unwrap(), "01HHZZZZZZZZZZZZZZZZZZZZZZ");
        assert_eq!(last_id("01HJ").unwrap(), "01HHZZZZZZZZZZZZZZZZZZZZZZ");
        assert_eq!(last_id("poison").unwrap(), "7ZZZZZZZZZZZZZZZZZZZZZZZZZ");
        assert_eq!(last_id("0"), None);
        assert_eq!(last_id(""), None);
    }

    #[test]
    fn the_order_of_positions_is_that_of_their_ids() {
        let mut texts =
            ["01HJ", "01HJ0-x", "01HJz", "01HJ1K2M3N4P5Q6R7S8T9V0W1Z", "01HJ1K2M3N4P5Q6R7S8T9V0W1Z-copy"];
        texts.sort_unstable();
        let ids: Vec<_> = texts.iter().map(|text| Position::of(*text).last_id()).collect();
        assert!(ids.is_sorted(), "{ids:?}");
        for (text, id) in texts.iter().zip(&ids) {
            assert!(id.is_none_or(|id| *id.to_string() <= **text), "{text}");
        }
    }
}
