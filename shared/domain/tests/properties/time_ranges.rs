//! Time ranges.

use chrono::{DateTime, FixedOffset, SecondsFormat, TimeDelta, Utc};
use proptest::prelude::*;
use xzepr_domain::{Bound, EventId, InvalidTimeRange, TimeRange};

use crate::cases;

/// A time near 1970 or in this century. Few of them have a fraction of a millisecond.
fn time() -> impl Strategy<Value = DateTime<Utc>> {
    let seconds = prop_oneof![Just(0), -3_i64..100, 1_700_000_000_i64..1_800_000_000];
    let nanos = prop_oneof![Just(0), (0_u32..1000).prop_map(|ms| ms * 1_000_000), 0_u32..1_000_000_000];
    (seconds, nanos).prop_map(|(seconds, nanos)| DateTime::from_timestamp(seconds, nanos).unwrap())
}

/// A spelling of the time with any offset. A query string turns a plus sign into a space.
fn spelling(time: DateTime<Utc>, offset_minutes: i32, is_decoded: bool) -> String {
    let offset = FixedOffset::east_opt(offset_minutes * 60).unwrap();
    let text = time.with_timezone(&offset).to_rfc3339_opts(SecondsFormat::AutoSi, true);
    if is_decoded { text.replace('+', " ") } else { text }
}

fn range() -> impl Strategy<Value = TimeRange> {
    (time(), 1_i64..10_000_000_000)
        .prop_map(|(start, length)| TimeRange::new(start, start + TimeDelta::microseconds(length)).unwrap())
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn two_times_since_1970_are_a_range_if_the_first_is_earlier(
        (start, end) in prop_oneof![9 => (time(), time()), 1 => time().prop_map(|time| (time, time))],
        offsets in (-1439_i32..1440, -1439_i32..1440),
        is_decoded: bool,
    ) {
        let texts = (spelling(start, offsets.0, is_decoded), spelling(end, offsets.1, is_decoded));
        let expected = if start < DateTime::UNIX_EPOCH {
            Err(InvalidTimeRange::Before1970 { bound: Bound::Start })
        } else if end < DateTime::UNIX_EPOCH {
            Err(InvalidTimeRange::Before1970 { bound: Bound::End })
        } else if start >= end {
            Err(InvalidTimeRange::StartNotBeforeEnd)
        } else {
            Ok((start, end))
        };
        let parsed = TimeRange::parse(&texts.0, &texts.1);
        prop_assert_eq!(parsed.map(|range| (range.start(), range.end())), expected);
        if let Ok(range) = parsed {
            let (start, end) = range.to_texts();
            prop_assert_eq!(TimeRange::parse(&start, &end), Ok(range));
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(
        start in prop_oneof![any::<String>(), "[0-9]{4}-[0-9]{2}-[0-9T: +Z.-]{0,25}"],
        end in prop_oneof![any::<String>(), Just("9999-12-31T23:59:60.999999999-23:59".to_owned())],
    ) {
        let parsed = TimeRange::parse(&start, &end).and_then(|range| range.readable_at(Utc::now()));
        prop_assert!(parsed.is_err());
    }

    #[test]
    fn an_event_belongs_to_a_range_by_the_millisecond_of_its_id(range in range(), near in -2_i64..=2) {
        for bound in [range.start(), range.end()] {
            let Ok(ms) = u64::try_from(bound.timestamp_millis() + near) else { continue };
            let time = EventId::first_of(ms).time().unwrap();
            let is_in_range = range.start() <= time && time < range.end();
            for id in [EventId::first_of(ms), EventId::last_of(ms)] {
                prop_assert_eq!(range.first_id() <= id && id <= range.last_id(), is_in_range);
            }
        }
    }

    #[test]
    fn joined_ranges_contain_both(one in range(), other in range(), gap in 0_i64..10_000) {
        let gap = TimeDelta::seconds(gap);
        prop_assert_eq!(one.overlaps(other), other.overlaps(one));
        prop_assert_eq!(one.join(other, gap), other.join(one, gap));
        match one.join(other, gap) {
            Some(joined) => prop_assert!(joined.contains(one) && joined.contains(other)),
            None => prop_assert!(!one.overlaps(other)),
        }
    }
}
