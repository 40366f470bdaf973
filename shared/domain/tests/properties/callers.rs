//! Callers and their keys.

use proptest::prelude::*;
use xzepr_domain::{Caller, IdempotencyKey, InvalidIdempotencyKey};

use crate::cases;

/// The characters of a key.
const KEY: &str = "[ !#-\\[\\]-~]{1,255}";

fn parse(header: &str) -> Result<String, InvalidIdempotencyKey> {
    header.parse::<IdempotencyKey>().map(|key| key.to_string())
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_key_is_read_with_or_without_quotes(key in KEY) {
        prop_assert_eq!(parse(&format!(" \"{key}\" ")), Ok(key.clone()));
        let is_bare = !key.contains(',') && key.trim() == key;
        prop_assert!(!is_bare || parse(&key) == Ok(key));
    }

    #[test]
    fn a_key_that_is_sent_twice_is_one_key((one, other) in (KEY, KEY)) {
        prop_assert_eq!(parse(&format!("\"{one}\", \"{one}\"")), Ok(one.clone()));
        let both = parse(&format!("\"{one}\",\"{other}\""));
        prop_assert_eq!(both, if one == other { Ok(one) } else { Err(InvalidIdempotencyKey::Several) });
    }

    #[test]
    fn a_key_has_at_most_255_characters(key in "[ a-z]{256,300}") {
        prop_assert_eq!(parse(&format!("\"{key}\"")), Err(InvalidIdempotencyKey::Malformed));
    }

    #[test]
    fn a_key_that_is_accepted_has_only_its_characters(
        header in prop_oneof![any::<String>(), "[ ,\"\\\\a\t\u{e9}]{0,10}"],
    ) {
        if let Ok(key) = parse(&header) {
            prop_assert!((1..=255).contains(&key.len()));
            prop_assert!(key.chars().all(|c| (' '..='~').contains(&c) && c != '"' && c != '\\'));
            prop_assert_eq!(parse(&format!("\"{key}\"")), Ok(key));
        }
    }

    #[test]
    fn the_sessions_of_a_role_are_one_caller(
        (account, role) in ("[0-9]{12}", "[A-Za-z0-9+=,.@_/-]{1,64}"),
        (session, other) in ("[A-Za-z0-9+=,.@_-]{2,64}", "[A-Za-z0-9+=,.@_-]{2,64}"),
    ) {
        let arn = |session: &str| format!("arn:aws:sts::{account}:assumed-role/{role}/{session}");
        let caller = Caller::from_arn(&arn(&session));
        prop_assert_eq!(&caller, &Caller::from_arn(&arn(&other)));
        prop_assert_eq!(caller, Caller::Role { partition: "aws".to_owned(), account, role });
    }

    #[test]
    fn any_other_arn_is_a_caller_of_its_own(arn in prop_oneof![any::<String>(), "arn:[a-z:/]{0,20}", "[:/]{0,9}"]) {
        let caller = Caller::from_arn(&arn);
        let is_role = matches!(caller, Caller::Role { .. });
        prop_assert!(is_role || caller == Caller::Arn(arn.clone()));
        prop_assert!(!is_role || arn.contains(":sts:") && arn.contains(":assumed-role/"));
    }

    #[test]
    fn two_callers_have_two_digests(
        (first, second, third) in ("[a1:\n]{0,3}", "[a1:\n]{0,3}", "[a1:\n]{0,3}"),
        joint in "\n|:|\n1:",
    ) {
        let callers = |first: &str, second: &str| {
            let (first, second) = (first.to_owned(), second.to_owned());
            [
                Caller::Subject { issuer: first.clone(), subject: second.clone() },
                Caller::CognitoIdentity { pool: first.clone(), identity: second.clone() },
                Caller::Role { partition: first.clone(), account: second, role: first.clone() },
                Caller::Principal(first.clone()),
                Caller::Arn(first),
            ]
        };
        // Both have the same characters, split at another place.
        let one = callers(&format!("{first}{joint}{second}"), &third);
        let other = callers(&first, &format!("{second}{joint}{third}"));
        for (one, other) in one.iter().flat_map(|one| other.iter().map(move |other| (one, other))) {
            prop_assert_eq!(one.digest() == other.digest(), one == other);
        }
    }
}
