//! Properties of the reader, tried on generated texts. `serde_json` is the reference.

#![expect(clippy::unwrap_used, reason = "a test ends by a panic")]
#![expect(clippy::disallowed_types, reason = "serde_json is the reference; no caller's text is read")]

mod numbers;
mod texts;

use proptest::prelude::*;
use serde_json::Value;
use texts::{json_text, literal, members, object, text};
use xzepr_json::{Json, JsonText, Members, Number};

pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Whether both values are the same, down to the bits of a double.
fn agree(ours: &Json, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Json::Null, Value::Null) => true,
        (Json::Bool(ours), Value::Bool(theirs)) => ours == theirs,
        (Json::String(ours), Value::String(theirs)) => **ours == **theirs,
        (Json::Number(Number::Unsigned(ours)), Value::Number(theirs)) => Some(*ours) == theirs.as_u64(),
        (Json::Number(Number::Negative(ours)), Value::Number(theirs)) => Some(*ours) == theirs.as_i64(),
        (Json::Number(Number::Float(ours)), Value::Number(theirs)) => {
            theirs.is_f64() && theirs.as_f64().map(f64::to_bits) == Some(ours.to_bits())
        }
        (Json::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| agree(ours, theirs))
        }
        (Json::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(name, ours)| theirs.get(name).is_some_and(|theirs| agree(ours, theirs)))
        }
        _ => false,
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_value_is_read_as_serde_json_reads_it(text in json_text()) {
        let theirs = serde_json::from_str(&text).unwrap();
        prop_assert!(agree(&Json::parse(&text).unwrap(), &theirs));
        let kept = JsonText::try_from(text.clone()).unwrap();
        prop_assert_eq!(kept.as_str(), &text);
        prop_assert!(agree(&kept.value().unwrap(), &theirs));
    }

    #[test]
    fn the_members_of_an_object_keep_their_texts(members in members(json_text(), 0..8), other in ".{0,3}") {
        let text = object(&members);
        let read = Members::parse(&text).unwrap();
        for (name, member) in &members {
            let found = read.get(name).unwrap();
            prop_assert_eq!(found.text.get(), &member.text);
            prop_assert_eq!(found.value, &Json::parse(&member.text).unwrap());
        }
        prop_assert_eq!(read.get(&other).is_some(), members.contains_key(&other));
    }

    #[test]
    fn a_duplicate_member_is_refused_at_any_depth(
        members in members("0", 1..40),
        which in any::<prop::sample::Index>(),
        is_escaped: bool,
        around in prop::collection::vec(any::<bool>(), 0..5),
    ) {
        let names: Vec<_> = members.keys().collect();
        let unique = object(&members);
        let (start, _) = unique.rsplit_once('}').unwrap();
        let mut text = format!("{start},{}:0}}", literal(names[which.index(names.len())], is_escaped));
        prop_assert!(serde_json::from_str::<Value>(&text).is_ok(), "{}", text);
        for is_array in around {
            text = if is_array { format!("[1,{text}]") } else { format!(r#"{{"a":{text}}}"#) };
        }
        let refusal = Json::parse(&text).unwrap_err().to_string();
        prop_assert!(refusal.starts_with("duplicate member "), "{}", refusal);
        prop_assert!(Members::parse(&text).is_err());
    }
}

proptest! {
    #![proptest_config(cases(1024))]

    #[test]
    fn the_verdict_on_any_text_is_that_of_serde_json_but_for_duplicates(text in text()) {
        match (Json::parse(&text), serde_json::from_str::<Value>(&text)) {
            (Ok(ours), Ok(theirs)) => prop_assert!(agree(&ours, &theirs)),
            (Err(ours), Ok(_)) => prop_assert!(ours.to_string().starts_with("duplicate member ")),
            (ours, theirs) => prop_assert!(ours.is_err() && theirs.is_err()),
        }
        let is_object = Json::parse(&text).is_ok_and(|value| value.as_object().is_some());
        prop_assert_eq!(Members::parse(&text).is_ok(), is_object);
    }
}
