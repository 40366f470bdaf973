//! The CloudEvents attribute `time`.

use chrono::{DateTime, Datelike, Timelike};

/// The most digits of a fraction of a second. More exceed the clocks of consumers.
const MAX_FRACTION_DIGITS: usize = 9;

const NANOSECONDS: u32 = 1_000_000_000;

/// The largest offset from UTC that Java's `ZoneOffset` holds, in seconds.
const MAX_OFFSET: i32 = 18 * 60 * 60;

/// A time in RFC 3339 with its offset, kept as it was sent except for the case of `T` and `Z`.
///
/// A leap second, the year 0000 and an offset of more than 18 hours are refused, since the time types of many languages
/// cannot hold them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventTime(String);

super::kept_text!(EventTime);

/// A text that is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be a time with an offset in RFC 3339, such as 2024-01-15T10:30:00Z")]
pub struct InvalidEventTime;

impl TryFrom<String> for EventTime {
    type Error = InvalidEventTime;

    fn try_from(text: String) -> Result<Self, InvalidEventTime> {
        let text = text.to_ascii_uppercase();
        let time = DateTime::parse_from_rfc3339(&text).map_err(|_| InvalidEventTime)?;
        let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
        let digits = fraction.chars().take_while(char::is_ascii_digit).count();
        let is_portable = time.nanosecond() < NANOSECONDS
            && digits <= MAX_FRACTION_DIGITS
            && time.year() > 0
            && time.offset().local_minus_utc().abs() <= MAX_OFFSET;
        // chrono also accepts a space in the place of `T`.
        let is_valid = is_portable && text.contains('T');
        if is_valid { Ok(Self(text)) } else { Err(InvalidEventTime) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Result<String, InvalidEventTime> {
        EventTime::try_from(text.to_owned()).map(|time| time.to_string())
    }

    #[test]
    fn a_time_keeps_its_offset_and_its_fraction() {
        for kept in [
            "2024-01-15T10:30:00Z",
            "2024-01-15T10:30:00.120+02:00",
            "2024-02-29T23:59:59.123456789-00:00",
            "0001-01-01T00:00:00Z",
        ] {
            assert_eq!(time(kept), Ok(kept.to_owned()));
        }
        assert_eq!(time("2024-01-15t10:30:00z"), Ok("2024-01-15T10:30:00Z".to_owned()));
    }

    #[test]
    fn a_time_without_an_offset_or_with_a_part_out_of_range_is_refused() {
        for wrong in [
            "",
            "2024-01-15",
            "2024-01-15T10:30:00",
            "2024-01-15 10:30:00Z",
            "2024-01-15T10:30Z",
            "2023-02-29T10:30:00Z",
            "2024-01-15T10:30:60Z",
            "2024-01-15T25:30:00Z",
            "2024-01-15T10:30:00.1234567890Z",
            " 2024-01-15T10:30:00Z",
            "0000-01-15T10:30:00Z",
            "2024-01-15T10:30:00+18:01",
            "1705314600",
        ] {
            assert_eq!(time(wrong), Err(InvalidEventTime), "{wrong}");
        }
    }
}
