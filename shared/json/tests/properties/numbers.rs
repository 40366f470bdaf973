//! Numbers are compared and divided exactly.

use proptest::prelude::*;
use xzepr_json::{Json, Number};

use crate::cases;

fn number(text: &str) -> Number {
    Json::parse(text).unwrap().as_number().unwrap()
}

/// An integer that fits into 64 bits, signed or unsigned.
fn integer() -> impl Strategy<Value = i128> {
    prop_oneof![-100_i128..100, any::<i64>().prop_map(Into::into), any::<u64>().prop_map(Into::into)]
}

/// `digits` with the last `places` of them after the point.
fn decimal(digits: u64, places: u32) -> Number {
    let unit = 10_u64.pow(places);
    number(&format!("{}.{:0width$}", digits / unit, digits % unit, width = places as usize))
}

proptest! {
    #![proptest_config(cases(1024))]

    #[test]
    fn integers_are_compared_and_divided_as_integers(one in integer(), other in integer()) {
        let (first, second) = (number(&one.to_string()), number(&other.to_string()));
        prop_assert_eq!(first.cmp(&second), one.cmp(&other));
        prop_assert_eq!(first.is_multiple_of(second), other != 0 && one % other == 0);
    }

    #[test]
    fn an_integer_and_a_double_are_compared_exactly(integer in integer(), near in -3_i128..=3, other: f64) {
        #[expect(clippy::cast_precision_loss, reason = "any double near the integer does")]
        let double = (integer + near) as f64;
        #[expect(clippy::cast_possible_truncation, reason = "the double has no fraction and is below 2^65")]
        let exact = double as i128;
        let number = number(&integer.to_string());
        prop_assert_eq!(number.cmp(&Number::Float(double)), integer.cmp(&exact));
        prop_assert_eq!(Number::Float(double).cmp(&number), exact.cmp(&integer));
        if other.is_finite() {
            prop_assert_eq!(number.cmp(&Number::Float(other)), Number::Float(other).cmp(&number).reverse());
        }
    }

    #[test]
    fn a_decimal_is_a_multiple_if_its_digits_are(
        (divisor, count) in (1_u64..1_000_000, 0_u64..1_000_000),
        rest: u64,
        places in 1_u32..=10,
    ) {
        let rest = rest % divisor;
        let number = decimal(divisor * count + rest, places);
        prop_assert_eq!(number.is_multiple_of(decimal(divisor, places)), rest == 0);
    }
}
