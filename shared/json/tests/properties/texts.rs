//! Texts: JSON in all its spellings, and texts that are almost JSON.

use std::{collections::BTreeMap, fmt::Write, ops::Range};

use proptest::{
    collection::{btree_map, vec},
    prelude::*,
    sample::Index,
};

/// The text of a member's value, and the spelling around it.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) text: String,
    is_escaped: bool,
    space: String,
}

/// A JSON string. Its characters are spelled as escapes, or only where JSON demands that.
pub(crate) fn literal(text: &str, is_escaped: bool) -> String {
    let mut literal = "\"".to_owned();
    for c in text.chars() {
        if is_escaped || c < ' ' || c == '"' || c == '\\' {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(literal, "\\u{unit:04x}");
            }
        } else {
            literal.push(c);
        }
    }
    literal + "\""
}

/// Members with names that differ.
pub(crate) fn members(
    value: impl Strategy<Value = String>,
    count: Range<usize>,
) -> impl Strategy<Value = BTreeMap<String, Member>> {
    let member = (value, any::<bool>(), "[ \t\r\n]{0,2}");
    let member = member.prop_map(|(text, is_escaped, space)| Member { text, is_escaped, space });
    btree_map("[ab\"\\\\é]{0,3}|\\PC{0,5}", member, count)
}

/// An object with these members.
pub(crate) fn object(members: &BTreeMap<String, Member>) -> String {
    let members: Vec<_> = members
        .iter()
        .map(|(name, Member { text, is_escaped, space })| {
            format!("{space}{}{space}:{space}{text}{space}", literal(name, *is_escaped))
        })
        .collect();
    format!("{{{}}}", members.join(","))
}

/// JSON without duplicate members.
pub(crate) fn json_text() -> impl Strategy<Value = String> {
    let scalar = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        "-?(0|[1-9][0-9]{0,22})(\\.[0-9]{1,20})?([eE][+-]?[0-9]{1,2})?",
        (any::<String>(), any::<bool>()).prop_map(|(text, is_escaped)| literal(&text, is_escaped)),
    ];
    scalar.prop_recursive(4, 24, 5, |value| {
        let items = vec(value.clone(), 0..5).prop_map(|items| format!("[{}]", items.join(" , ")));
        prop_oneof![items, members(value, 0..5).prop_map(|members| object(&members))]
    })
}

/// Any text: noise, the characters of JSON in any order, or JSON with one change.
pub(crate) fn text() -> impl Strategy<Value = String> {
    let changed = (json_text(), any::<Index>(), any::<bool>(), "[\\[\\]{}:,\"\\\\0e.\u{0}\u{a0}]?");
    let changed = changed.prop_map(|(text, place, is_removed, inserted)| {
        let mut characters: Vec<_> = text.chars().collect();
        let place = place.index(characters.len());
        characters.splice(place..place + usize::from(is_removed), inserted.chars());
        characters.into_iter().collect()
    });
    prop_oneof![any::<String>(), "[\\[\\]{}:,\"\\\\u0-9eE+.a\\- ]{0,24}", "[\\[\\]{}:\",1]{0,12}", changed]
}
