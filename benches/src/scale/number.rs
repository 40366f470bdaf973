//! Numbers as text and as whole numbers.

/// The whole number above or at a number. A negative number is 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
pub(crate) fn ceil(number: f64) -> u64 {
    number.ceil() as u64
}

/// A whole number with commas: `12,345`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A rate with three significant digits, or one digit after the point below 10.
pub(crate) fn rate(number: f64) -> String {
    if number > 0.0 && number < 0.05 {
        return "<0.1".to_owned();
    }
    if number < 10.0 {
        return format!("{number:.1}");
    }
    let mut step = 1.0;
    while number / step >= 1_000.0 {
        step *= 10.0;
    }
    grouped(ceil((number / step).round() * step))
}

/// A time in the unit that suits it. The time is in microseconds.
pub(crate) fn time(micros: u64) -> String {
    let seconds = micros as f64 / 1e6;
    match seconds {
        s if s < 1.0 => format!("{:.0} ms", s * 1e3),
        s if s < 120.0 => format!("{s:.1} s"),
        s if s < 7_200.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3_600.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0.01, 0.25, 25_640.0, 1_951.2].map(rate), ["<0.1", "0.2", "25,600", "1,950"]);
        assert_eq!(
            [5_000, 1_500_000, 600_000_000, 9_000_000_000].map(time),
            ["5 ms", "1.5 s", "10 min", "2.5 h"]
        );
        assert_eq!([0.0, 1.1, -3.0].map(ceil), [0, 2, 0]);
    }
}
