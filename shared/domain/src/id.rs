//! Ids are ULIDs. Each kind has its own type, so that a group's id cannot be used as a receiver's.

use std::{fmt, str::FromStr};

use chrono::{DateTime, SecondsFormat, Utc};
use ulid::Ulid;

/// Crockford's Base32, whose order is that of ASCII.
const DIGITS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const ULID_LENGTH: usize = 26;

/// A text that is not a ULID. A ULID has 26 characters of Crockford's Base32 that fit into 128 bits
/// (<https://github.com/ulid/spec>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a ULID (26 characters of Crockford's Base32)")]
pub struct InvalidId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Ulid);

        impl $name {
            /// A new id that contains the current millisecond.
            pub fn generate() -> Self {
                Self(Ulid::generate())
            }

            /// The time in the id, in milliseconds. It is `None` only after the year 262,142.
            pub fn time(self) -> Option<DateTime<Utc>> {
                i64::try_from(self.0.timestamp_ms())
                    .ok()
                    .and_then(DateTime::from_timestamp_millis)
            }

            /// The time in the id, in RFC 3339 and UTC. A fraction of zero is left out.
            pub fn created_at(self) -> String {
                self.time()
                    .unwrap_or(DateTime::UNIX_EPOCH)
                    .to_rfc3339_opts(SecondsFormat::AutoSi, true)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.0.array_to_str(&mut [0; ULID_LENGTH]))
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                parse(text).map(Self)
            }
        }
    };
}

id! {
    /// Identifies an event or a system event. It is also the `id` and the key of the message.
    EventId
}
id! {
    /// Identifies an event receiver.
    ReceiverId
}
id! {
    /// Identifies an event receiver group.
    GroupId
}

id! {
    /// Identifies a replay.
    ReplayId
}

impl EventId {
    /// The lowest id of a millisecond since 1970.
    pub fn first_of(ms: u64) -> Self {
        Self(Ulid::from_parts(ms, 0))
    }

    /// The highest id of a millisecond since 1970.
    pub fn last_of(ms: u64) -> Self {
        Self(Ulid::from_parts(ms, u128::MAX))
    }

    /// The id after this one. The highest id returns itself.
    pub fn next(self) -> Self {
        Self(Ulid::from(u128::from(self.0).saturating_add(1)))
    }

    /// The id before this one. `None` for the lowest id.
    pub fn previous(self) -> Option<Self> {
        u128::from(self.0).checked_sub(1).map(|previous| Self(Ulid::from(previous)))
    }

    /// The id as a number. The order of ids is that of their numbers.
    pub fn to_number(self) -> u128 {
        self.0.into()
    }

    /// The id with this number.
    pub fn of_number(number: u128) -> Self {
        Self(number.into())
    }

    /// The highest id whose text is not above this text. `None` if the texts of all ids are above it.
    pub fn not_above(text: &str) -> Option<Self> {
        let mut id = String::with_capacity(ULID_LENGTH);
        for character in text.chars().take(ULID_LENGTH) {
            // The first character stands for 3 bits, each other for 5.
            let digits = if id.is_empty() { &DIGITS[..8] } else { DIGITS };
            match digits.chars().rfind(|digit| *digit <= character) {
                Some(digit) => id.push(digit),
                None => return Self::below(&id),
            }
            if !id.ends_with(character) {
                // The id is below the text already, so each further digit can be the highest.
                return format!("{id:Z<ULID_LENGTH$}").parse().ok();
            }
        }
        if id.len() < ULID_LENGTH { Self::below(&id) } else { id.parse().ok() }
    }

    /// The id before the first one whose text starts with this one.
    fn below(start: &str) -> Option<Self> {
        let first: Ulid = Ulid::from_string(&format!("{start:0<ULID_LENGTH$}")).ok()?;
        u128::from(first).checked_sub(1).map(|below| Self(Ulid::from(below)))
    }

    /// The time in the id, in milliseconds since 1970.
    pub fn timestamp_ms(self) -> u64 {
        self.0.timestamp_ms()
    }
}

impl From<GroupId> for ReceiverId {
    /// The created event of an empty group has no receiver and contains the group's own ULID instead.
    fn from(group: GroupId) -> Self {
        Self(group.0)
    }
}

fn parse(text: &str) -> Result<Ulid, InvalidId> {
    // 26 characters stand for 130 bits, and the crate `ulid` drops the two that do not fit.
    if !text.starts_with(|first: char| ('0'..='7').contains(&first)) {
        return Err(InvalidId);
    }
    Ulid::from_string(text).map_err(|_| InvalidId)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_in_either_case_and_written_in_capitals() {
        let id: ReceiverId = "01hj1k2m3n4p5q6r7s8t9v0w1x".parse().unwrap();
        assert_eq!(id.to_string(), "01HJ1K2M3N4P5Q6R7S8T9V0W1X");
    }

    #[test]
    fn a_text_that_is_not_a_ulid_is_refused() {
        for text in ["", "01HJ", "81HJ1K2M3N4P5Q6R7S8T9V0W1X", "01HJ1K2M3N4P5Q6R7S8T9V0W1U", "é"] {
            assert_eq!(text.parse::<EventId>(), Err(InvalidId), "{text}");
        }
    }

    #[test]
    fn created_at_is_the_time_in_the_id() {
        let created_at = |id: &str| id.parse::<EventId>().unwrap().created_at();
        assert_eq!(created_at("01HM6AQH2G0000000000000000"), "2024-01-15T10:30:00.016Z");
        assert_eq!(created_at("01HM6AQH200000000000000000"), "2024-01-15T10:30:00Z");
        assert!(!created_at("7ZZZZZZZZZZZZZZZZZZZZZZZZZ").is_empty());
    }
}
