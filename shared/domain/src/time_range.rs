//! The time range of a replay or a reconciliation.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use crate::{EventId, InvalidTime, parse_time};

/// The longest range that a request may have.
const MAX_RANGE: TimeDelta = TimeDelta::days(366);

/// The time from `start` (included) to `end` (excluded). An event belongs to it by the millisecond of its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

/// A bound of a time range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// `start`
    Start,
    /// `end`
    End,
}

impl Bound {
    /// The name of the bound in a request.
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::End => "end",
        }
    }
}

/// The rule that two texts break if they are not a range of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTimeRange {
    /// A text is not a time of RFC 3339.
    #[error("{}", InvalidTime::Unparsable)]
    Unparsable {
        /// The time that is wrong.
        bound: Bound,
    },
    /// No id contains such a time.
    #[error("{}", InvalidTime::Before1970)]
    Before1970 {
        /// The time that is wrong.
        bound: Bound,
    },
    /// The range is empty, or its end is before its start.
    #[error("must be before end")]
    StartNotBeforeEnd,
    /// To read the range would take too long. Each day takes 32 queries, even if it has no events.
    #[error("must be at most {} days before end: take one part after the other", MAX_RANGE.num_days())]
    TooLong,
    /// Events may still be added to the range.
    #[error("must not be in the future")]
    InTheFuture {
        /// The time that is wrong.
        bound: Bound,
    },
}

impl InvalidTimeRange {
    /// The bound that is wrong.
    pub fn bound(self) -> Bound {
        match self {
            Self::Unparsable { bound } | Self::Before1970 { bound } | Self::InTheFuture { bound } => bound,
            Self::StartNotBeforeEnd | Self::TooLong => Bound::Start,
        }
    }
}

impl TimeRange {
    /// A range between two times.
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Self, InvalidTimeRange> {
        if start < end { Ok(Self { start, end }) } else { Err(InvalidTimeRange::StartNotBeforeEnd) }
    }

    /// Reads both bounds, as [`parse_time`] reads a time.
    pub fn parse(start: &str, end: &str) -> Result<Self, InvalidTimeRange> {
        let time = |text: &str, bound| {
            parse_time(text).map_err(|error| match error {
                InvalidTime::Unparsable => InvalidTimeRange::Unparsable { bound },
                InvalidTime::Before1970 => InvalidTimeRange::Before1970 { bound },
            })
        };
        Self::new(time(start, Bound::Start)?, time(end, Bound::End)?)
    }

    /// The range, if it has ended by `now` and is not too long.
    pub fn readable_at(self, now: DateTime<Utc>) -> Result<Self, InvalidTimeRange> {
        if self.start > now {
            return Err(InvalidTimeRange::InTheFuture { bound: Bound::Start });
        }
        if self.end > now {
            return Err(InvalidTimeRange::InTheFuture { bound: Bound::End });
        }
        if self.end - self.start > MAX_RANGE { Err(InvalidTimeRange::TooLong) } else { Ok(self) }
    }

    /// Whether an event can belong to both ranges.
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// Whether every event of the other range belongs to this one.
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Both ranges and the time between them as one range, if that time is at most `gap`.
    pub fn join(self, other: Self, gap: TimeDelta) -> Option<Self> {
        let is_near = self.start <= other.end + gap && other.start <= self.end + gap;
        is_near.then(|| Self { start: self.start.min(other.start), end: self.end.max(other.end) })
    }

    /// The first time of the range.
    pub fn start(self) -> DateTime<Utc> {
        self.start
    }

    /// The first time after the range.
    pub fn end(self) -> DateTime<Utc> {
        self.end
    }

    /// Both bounds in RFC 3339, UTC.
    pub fn to_texts(self) -> (String, String) {
        let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        (text(self.start), text(self.end))
    }

    /// The lowest id of the range.
    pub fn first_id(self) -> EventId {
        EventId::first_of(ceil_ms(self.start))
    }

    /// The highest id of the range.
    pub fn last_id(self) -> EventId {
        EventId::last_of(ceil_ms(self.end).saturating_sub(1))
    }
}

/// The first whole millisecond since 1970 that is not before `time`.
pub(crate) fn ceil_ms(time: DateTime<Utc>) -> u64 {
    let part = i64::from(!time.timestamp_subsec_nanos().is_multiple_of(1_000_000));
    u64::try_from(time.timestamp_millis() + part).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(start: &str, end: &str) -> Result<TimeRange, InvalidTimeRange> {
        TimeRange::parse(start, end)
    }

    #[test]
    fn a_range_contains_its_start_and_not_its_end() {
        let range = range("2024-01-15T10:30:00Z", "2024-01-15T12:30:00.0005+02:00").unwrap();
        assert_eq!(range.first_id().created_at(), "2024-01-15T10:30:00Z");
        assert_eq!(range.last_id().created_at(), "2024-01-15T10:30:00Z");
        assert_eq!(range.to_texts().1, "2024-01-15T10:30:00.000500Z");
    }

    #[test]
    fn an_invalid_range_names_the_wrong_bound() {
        let bound = |start: &str, end: &str| range(start, end).unwrap_err().bound();
        assert_eq!(bound("yesterday", "2024-01-15T10:30:00Z"), Bound::Start);
        assert_eq!(bound("2024-01-15T10:30:00Z", "2024-01-15"), Bound::End);
        assert_eq!(bound("0000-01-01T00:00:00+01:00", "2024-01-15T10:30:00Z"), Bound::Start);
        assert_eq!(bound("1970-01-01T00:00:00Z", "1970-01-01T00:00:00+01:00"), Bound::End);
        assert_eq!(bound("2024-01-15T10:30:00Z", "2024-01-15T10:30:00Z"), Bound::Start);
        let now = "2024-01-15T10:31:00Z".parse().unwrap();
        let past = range("2024-01-15T10:30:00Z", "2024-01-15T10:31:00 00:00").unwrap();
        assert_eq!(past.readable_at(now), Ok(past));
        let future = range("2024-01-15T10:30:00Z", "2024-01-15T10:31:01Z").unwrap();
        assert_eq!(future.readable_at(now).unwrap_err().bound(), Bound::End);
        let long = range("2023-01-14T10:30:59Z", "2024-01-15T10:31:00Z").unwrap();
        assert_eq!(long.readable_at(now), Err(InvalidTimeRange::TooLong));
    }

    /// The range between two minutes of one hour.
    fn at(start: u32, end: u32) -> TimeRange {
        range(&format!("2024-01-15T10:{start}:00Z"), &format!("2024-01-15T10:{end}:00Z")).unwrap()
    }

    #[test]
    fn ranges_that_only_touch_do_not_overlap() {
        assert!(!at(10, 20).overlaps(at(20, 30)) && !at(20, 30).overlaps(at(10, 20)));
        assert!(at(10, 21).overlaps(at(20, 30)) && at(20, 30).overlaps(at(22, 23)));
    }

    #[test]
    fn ranges_are_joined_over_a_gap_of_limited_length() {
        let minutes = TimeDelta::minutes;
        for (one, other) in [(at(10, 20), at(25, 30)), (at(25, 30), at(10, 20))] {
            assert_eq!(one.join(other, minutes(5)), Some(at(10, 30)));
            assert_eq!(one.join(other, minutes(4)), None);
        }
        assert_eq!(at(10, 30).join(at(15, 20), minutes(0)), Some(at(10, 30)));
    }

    #[test]
    fn a_range_contains_itself_and_its_parts() {
        assert!(at(10, 20).contains(at(10, 20)) && at(10, 20).contains(at(11, 12)));
        assert!(!at(10, 20).contains(at(10, 21)) && !at(10, 20).contains(at(30, 40)));
    }
}
