//! Dates, times and durations of RFC 3339.

/// RFC 3339, section 5.6: `full-date`, with the days of the month of section 5.7.
pub(super) fn is_date(text: &str) -> bool {
    date(text).is_some()
}

fn date(text: &str) -> Option<()> {
    let (year, rest) = digits(text, 4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 2)?;
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => return None,
    };
    ((1..=days).contains(&day) && rest.is_empty()).then_some(())
}

/// RFC 3339, section 5.6: `date-time`.
pub(super) fn is_date_time(text: &str) -> bool {
    text.split_once(['T', 't']).is_some_and(|(date, time)| is_date(date) && is_time(time))
}

/// RFC 3339, section 5.6: `full-time`, with the leap seconds of section 5.7.
pub(super) fn is_time(text: &str) -> bool {
    time(text).is_some()
}

fn time(text: &str) -> Option<()> {
    let (hour, rest) = digits_up_to(text, 23)?;
    let (minute, rest) = digits_up_to(rest.strip_prefix(':')?, 59)?;
    let (second, rest) = digits_up_to(rest.strip_prefix(':')?, 60)?;
    let offset = offset_minutes(after_fraction(rest)?)?;
    // Section 5.7: a leap second is the last second of a day in UTC.
    let utc = (i32::from(hour) * 60 + i32::from(minute) - offset).rem_euclid(24 * 60);
    (second < 60 || utc == 24 * 60 - 1).then_some(())
}

/// The text after `time-secfrac`, which may be absent.
fn after_fraction(text: &str) -> Option<&str> {
    let Some(fraction) = text.strip_prefix('.') else { return Some(text) };
    let rest = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
    (rest.len() < fraction.len()).then_some(rest)
}

/// The `time-offset`, in minutes east of UTC.
fn offset_minutes(text: &str) -> Option<i32> {
    let (sign, numbers) = match text {
        "Z" | "z" => return Some(0),
        _ => match text.strip_prefix('+') {
            Some(numbers) => (1, numbers),
            None => (-1, text.strip_prefix('-')?),
        },
    };
    let (hour, rest) = digits_up_to(numbers, 23)?;
    let (minute, rest) = digits_up_to(rest.strip_prefix(':')?, 59)?;
    rest.is_empty().then_some(sign * (i32::from(hour) * 60 + i32::from(minute)))
}

/// Two digits whose number is at most `max`, and the text after them.
fn digits_up_to(text: &str, max: u16) -> Option<(u16, &str)> {
    digits(text, 2).filter(|(number, _)| *number <= max)
}

/// The number that the first `count` digits spell, and the text after them.
fn digits(text: &str, count: usize) -> Option<(u16, &str)> {
    let (number, rest) = text.split_at_checked(count)?;
    // `parse` alone would accept a plus sign.
    let number = number.bytes().all(|b| b.is_ascii_digit()).then(|| number.parse().ok())??;
    Some((number, rest))
}

/// RFC 3339, appendix A: `duration`. Units must be adjacent (`P1Y2M`, not `P1Y2D`). Weeks have no other unit beside
/// them.
pub(super) fn is_duration(text: &str) -> bool {
    let Some(parts) = text.strip_prefix('P') else { return false };
    match parts.split_once('T') {
        None => has_adjacent_units(parts, "YMD") || has_adjacent_units(parts, "W"),
        Some((date, time)) => {
            (date.is_empty() || has_adjacent_units(date, "YMD")) && has_adjacent_units(time, "HMS")
        }
    }
}

/// Whether the text has at least one component (digits, then a unit), and its units in their order are a part of
/// `units`.
fn has_adjacent_units(text: &str, units: &str) -> bool {
    let mut rest = text;
    let mut expected = units;
    while !rest.is_empty() {
        let after_digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        let Some(unit) = after_digits.chars().next().filter(|_| after_digits.len() < rest.len()) else {
            return false;
        };
        let first = rest.len() == text.len();
        match expected.find(unit) {
            Some(at) if first || at == 0 => expected = &expected[at + 1..],
            _ => return false,
        }
        rest = &after_digits[1..];
    }
    !text.is_empty()
}

#[cfg(test)]
mod tests {
    use super::{is_date, is_date_time, is_duration, is_time};

    #[test]
    fn a_date_is_a_day_of_the_calendar() {
        for text in ["2026-11-24", "2024-02-29", "2000-02-29", "0000-01-01", "9999-12-31"] {
            assert!(is_date(text), "{text}");
        }
        for text in [
            "2023-02-29",
            "1900-02-29",
            "2026-04-31",
            "2026-00-10",
            "2026-13-01",
            "2026-01-00",
            "2026-1-1",
            "+026-01-01",
            "2026-01-01 ",
            "2026-01-0१",
            "20260101",
            "",
        ] {
            assert!(!is_date(text), "{text}");
        }
    }

    #[test]
    fn a_time_has_an_offset() {
        for text in ["08:30:06Z", "08:30:06z", "08:30:06.283185Z", "00:00:00+23:59", "23:59:59-00:00"] {
            assert!(is_time(text), "{text}");
        }
        for text in [
            "08:30:06",
            "8:30:06Z",
            "24:00:00Z",
            "00:60:00Z",
            "00:00:61Z",
            "00:00:00.Z",
            "00:00:00,1Z",
            "00:00:00+24:00",
            "00:00:00+00:60",
            "00:00:00+0000",
            "00:00:00Z ",
            "00:00:00Z+00:00",
            "१0:00:00Z",
        ] {
            assert!(!is_time(text), "{text}");
        }
    }

    #[test]
    fn a_leap_second_ends_a_day_in_utc() {
        for text in ["23:59:60Z", "01:29:60+01:30", "15:59:60.9-08:00", "23:29:60+23:30", "00:29:60-23:30"] {
            assert!(is_time(text), "{text}");
        }
        for text in ["22:59:60Z", "23:58:60Z", "23:59:60+01:00", "23:59:60-00:30"] {
            assert!(!is_time(text), "{text}");
        }
    }

    #[test]
    fn a_date_time_joins_a_date_and_a_time() {
        assert!(is_date_time("1998-12-31T23:59:60Z"));
        assert!(is_date_time("1998-12-31t15:59:60.123-08:00"));
        for text in
            ["1998-12-31 23:59:59Z", "1998-12-31T", "T23:59:59Z", "1998-12-31", "1998-12-31TT23:59:59Z"]
        {
            assert!(!is_date_time(text), "{text}");
        }
    }

    #[test]
    fn a_duration_names_adjacent_units() {
        for text in ["P4DT12H30M5S", "P4Y", "PT0S", "P1M2D", "P1Y2M", "P4W", "P1DT1H", "P1YT1S", "P001D"] {
            assert!(is_duration(text), "{text}");
        }
        for text in [
            "", "P", "PT", "P1", "P1DT", "1D", "p1d", "P1Y2D", "PT1H2S", "P1D2H", "P2D1Y", "P1Y2W", "P1WT1H",
            "P1D1D", "PT1D", "PD", "P-1D", "P1.5D", "P1é", "PT1HT1M",
        ] {
            assert!(!is_duration(text), "{text}");
        }
    }
}
