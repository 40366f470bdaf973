//! Ids and positions.

use proptest::prelude::*;
use xzepr_domain::{EventId, InvalidId, Position};

use crate::cases;

const DIGITS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Texts that are ids, and texts that are almost ids.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-7][0-9A-HJKMNP-TV-Z]{25}",
        "[089][0-9A-HJKMNP-TV-Z]{25}",
        "[0-9A-Za-z]{24,27}",
        "[0-8][0-9a-zA-Z.]{0,30}",
        any::<String>()
    ]
}

proptest! {
    #![proptest_config(cases(1024))]

    #[test]
    fn a_text_is_an_id_if_it_has_26_digits_that_fit_into_128_bits(text in text()) {
        let is_id = text.len() == 26
            && text.chars().all(|c| DIGITS.contains(c.to_ascii_uppercase()))
            && text.starts_with(|c| c <= '7');
        match text.parse::<EventId>() {
            Ok(id) => prop_assert!(is_id && id.to_string() == text.to_uppercase()),
            Err(error) => prop_assert!(!is_id && error == InvalidId),
        }
    }

    #[test]
    fn a_millisecond_has_a_first_and_a_last_id(ms in 0_u64..1 << 48) {
        let (first, last) = (EventId::first_of(ms), EventId::last_of(ms));
        prop_assert!(first < last && first.to_string() < last.to_string());
        prop_assert_eq!((first.timestamp_ms(), last.timestamp_ms()), (ms, ms));
        prop_assert_eq!(first.to_string().parse(), Ok(first));
        prop_assert!(last.next() == EventId::first_of(ms + 1) || ms + 1 == 1 << 48 && last.next() == last);
        prop_assert!(first.created_at().ends_with('Z'));
    }

    #[test]
    fn a_position_stands_for_the_highest_id_that_is_not_above_it(text in text()) {
        match Position::of(text.clone()).last_id() {
            Some(id) => {
                prop_assert!(*id.to_string() <= *text);
                prop_assert!(id.next() == id || *id.next().to_string() > *text);
            }
            None => prop_assert!(*EventId::first_of(0).to_string() > *text),
        }
    }
}
