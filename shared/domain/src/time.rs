//! The times that a request names.

use chrono::{DateTime, Utc};

/// The rule that a text breaks if no event can have its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTime {
    /// The text is not a time of RFC 3339.
    #[error("must be a time such as 2024-01-15T10:30:00Z (RFC 3339)")]
    Unparsable,
    /// No id contains such a time.
    #[error("must not be before 1970")]
    Before1970,
}

/// Reads a time in RFC 3339. A space counts as a `+`, because a query string turns the `+` of an offset into a space.
pub fn parse_time(text: &str) -> Result<DateTime<Utc>, InvalidTime> {
    let time = DateTime::parse_from_rfc3339(&text.replace(' ', "+")).map_err(|_| InvalidTime::Unparsable)?;
    if time < DateTime::UNIX_EPOCH { Err(InvalidTime::Before1970) } else { Ok(time.to_utc()) }
}
