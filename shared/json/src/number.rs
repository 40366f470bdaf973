//! A JSON number, as exact as 64 bits allow.

use std::cmp::Ordering;

/// A 64-bit integer, or a double for every other number that a double can hold.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// An integer of zero or more that was written without a point or an exponent.
    Unsigned(u64),
    /// A negative integer that was written without a point or an exponent.
    Negative(i64),
    /// Any other number, always finite.
    Float(f64),
}

/// An `i128` can hold every double without a fraction below this.
const MAX_EXACT: f64 = 1e30;

impl Number {
    /// Whether it has no fraction. `1.0` is an integer too (JSON Schema Core section 4.2.3).
    pub fn is_integer(self) -> bool {
        match self {
            Self::Unsigned(_) | Self::Negative(_) => true,
            Self::Float(float) => float.fract() == 0.0,
        }
    }

    /// The number as a count, if it is a whole number and not negative. A number that is too large for a count
    /// becomes the largest count.
    pub fn as_count(self) -> Option<u64> {
        match self {
            Self::Unsigned(integer) => Some(integer),
            Self::Float(float) if float.fract() == 0.0 && float >= 0.0 => {
                Some(exact_integer(float).and_then(|integer| u64::try_from(integer).ok()).unwrap_or(u64::MAX))
            }
            Self::Negative(_) | Self::Float(_) => None,
        }
    }

    /// Whether it is a multiple of `divisor`, calculated in decimal. `4.02` is a multiple of `0.01`, although the
    /// division of the two doubles leaves a remainder. No number is a multiple of zero.
    pub fn is_multiple_of(self, divisor: Self) -> bool {
        let (Some(dividend), Some(divisor)) = (Decimal::of(self), Decimal::of(divisor)) else { return false };
        dividend.is_multiple_of(divisor)
    }

    fn integer(self) -> Option<i128> {
        match self {
            Self::Unsigned(integer) => Some(integer.into()),
            Self::Negative(integer) => Some(integer.into()),
            Self::Float(float) => exact_integer(float).filter(|_| float.fract() == 0.0),
        }
    }

    /// The nearest double.
    #[expect(
        clippy::cast_precision_loss,
        reason = "it is compared with doubles that differ by more than the rounding"
    )]
    fn approximate(self) -> f64 {
        match self {
            Self::Unsigned(integer) => integer as f64,
            Self::Negative(integer) => integer as f64,
            Self::Float(float) => float,
        }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.integer(), other.integer()) {
            (Some(one), Some(other)) => one.cmp(&other),
            // A double with a fraction is below 2^53, and doubles hold all integers up to there exactly. A double
            // without a fraction gets here only if it is beyond every 64-bit integer.
            _ => compare(self.approximate(), other.approximate()),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

impl From<u64> for Number {
    fn from(integer: u64) -> Self {
        Self::Unsigned(integer)
    }
}

impl From<i64> for Number {
    fn from(integer: i64) -> Self {
        u64::try_from(integer).map_or(Self::Negative(integer), Self::Unsigned)
    }
}

/// JSON has no NaN, so two numbers always compare.
fn compare(one: f64, other: f64) -> Ordering {
    one.partial_cmp(&other).unwrap_or(Ordering::Equal)
}

fn exact_integer(float: f64) -> Option<i128> {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the range is checked, and no caller uses the result for a number with a fraction"
    )]
    (float.abs() < MAX_EXACT).then_some(float as i128)
}

/// `digits` × 10^`exponent`, without trailing zeros.
#[derive(Clone, Copy)]
struct Decimal {
    digits: u128,
    exponent: i32,
}

impl Decimal {
    /// The number's shortest decimal spelling, without its sign.
    fn of(number: Number) -> Option<Self> {
        let text = match number {
            Number::Unsigned(integer) => integer.to_string(),
            Number::Negative(integer) => integer.unsigned_abs().to_string(),
            // The shortest spelling of a large integer may round its last digits to zeros.
            Number::Float(float) => match exact_integer(float).filter(|_| float.fract() == 0.0) {
                Some(integer) => integer.unsigned_abs().to_string(),
                None => format!("{:e}", float.abs()),
            },
        };
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: u128 = format!("{whole}{fraction}").parse().ok()?;
        let mut exponent = exponent.parse::<i32>().ok()? - i32::try_from(fraction.len()).ok()?;
        while digits != 0 && digits.is_multiple_of(10) {
            digits /= 10;
            exponent += 1;
        }
        Some(Self { digits, exponent })
    }

    fn is_multiple_of(self, divisor: Self) -> bool {
        if self.digits == 0 {
            return divisor.digits != 0;
        }
        if divisor.digits == 0 {
            return false;
        }
        match u32::try_from(self.exponent - divisor.exponent) {
            Ok(shift) => {
                let power = power_of_ten(shift, divisor.digits);
                multiply(self.digits % divisor.digits, power, divisor.digits) == 0
            }
            // The divisor contains a higher power of ten than this number does.
            Err(_) => false,
        }
    }
}

fn power_of_ten(mut exponent: u32, modulus: u128) -> u128 {
    let (mut result, mut base) = (1 % modulus, 10 % modulus);
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = multiply(result, base, modulus);
        }
        base = multiply(base, base, modulus);
        exponent /= 2;
    }
    result
}

/// The product modulo `modulus`. The factors and the modulus are below 10^30, so twice any of them fits. If the product
/// would overflow, it is calculated bit by bit.
fn multiply(mut one: u128, mut other: u128, modulus: u128) -> u128 {
    if let Some(product) = one.checked_mul(other) {
        return product % modulus;
    }
    let mut product = 0;
    while other > 0 {
        if other % 2 == 1 {
            product = (product + one) % modulus;
        }
        one = one * 2 % modulus;
        other /= 2;
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Json;

    fn number(text: &str) -> Number {
        Json::parse(text).unwrap().as_number().unwrap()
    }

    #[test]
    fn integers_and_doubles_compare_exactly() {
        let ordered = [
            "-1e300",
            "-9223372036854775808",
            "-9223372036854775807",
            "-1.5",
            "-1",
            "0",
            "1e-300",
            "0.5",
            "9007199254740992",
            "9007199254740993",
            "9223372036854775807",
            "18446744073709551614",
            "18446744073709551615",
            "1e20",
            "1e300",
        ];
        for pair in ordered.windows(2) {
            assert_eq!(number(pair[0]).cmp(&number(pair[1])), Ordering::Less, "{pair:?}");
            assert_eq!(number(pair[1]).cmp(&number(pair[0])), Ordering::Greater, "{pair:?}");
        }
        for (one, other) in [("1", "1.0"), ("-0", "0"), ("1e2", "100"), ("-0.0", "0.0")] {
            assert_eq!(number(one), number(other));
        }
    }

    #[test]
    fn integers_may_be_written_as_doubles() {
        for text in ["0", "-3", "1.0", "1e300"] {
            assert!(number(text).is_integer(), "{text}");
        }
        assert!(!number("0.5").is_integer());
        let counts = ["3", "3.0", "-1", "0.5", "1e300"].map(|text| number(text).as_count());
        assert_eq!(counts, [Some(3), Some(3), None, None, Some(u64::MAX)]);
    }

    #[test]
    fn multiples_are_calculated_in_decimal() {
        for (dividend, divisor) in [
            ("4.02", "0.01"),
            ("0.0075", "0.0001"),
            ("0", "0.3"),
            ("-6", "3"),
            ("1e308", "1e-5"),
            ("1e308", "0.5"),
            ("12345678901234567890", "5"),
            ("18446744073709551615", "18446744073709551615"),
            ("1e21", "1e20"),
            ("18446744073709551616", "9007199254740992.0"),
        ] {
            assert!(number(dividend).is_multiple_of(number(divisor)), "{dividend} {divisor}");
        }
        for (dividend, divisor) in [
            ("0.00751", "0.0001"),
            ("7", "3"),
            ("1", "10"),
            ("1e308", "0.123456789"),
            ("3", "0"),
            ("5e-324", "1"),
        ] {
            assert!(!number(dividend).is_multiple_of(number(divisor)), "{dividend} {divisor}");
        }
    }
}
