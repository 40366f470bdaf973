//! The members of a body, each with the verdict that it must get.

use proptest::{prelude::*, sample::Index};
use xzepr_domain::{JsonText, Rejected};

/// A member of a body.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) name: &'static str,
    /// The value as JSON text; `None` for an absent member.
    pub(crate) value: Option<String>,
    pub(crate) is_valid: bool,
}

impl Member {
    /// The text of a string that is valid.
    pub(crate) fn string(&self) -> Option<String> {
        let text = JsonText::try_from(self.value.clone()?).ok()?;
        text.value().ok()?.as_str().map(str::to_owned)
    }
}

/// A JSON string.
pub(crate) fn literal(text: &str) -> String {
    JsonText::written(&text).as_str().to_owned()
}

/// A body with the members in this order, and one that the API does not know.
pub(crate) fn body(members: &[Member]) -> String {
    let members = members.iter().filter_map(|Member { name, value, .. }| Some((name, value.as_deref()?)));
    let members: String = members.map(|(name, value)| format!(r#""{name}": {value}, "#)).collect();
    format!(r#"{{{members}"unknown": 1}}"#)
}

/// The names of the members that are refused, in their order.
pub(crate) fn refused(members: &[Member]) -> Vec<&'static str> {
    members.iter().filter(|member| !member.is_valid).map(|member| member.name).collect()
}

/// The fields that a refusal names, in its order.
pub(crate) fn fields(rejected: &Rejected) -> Vec<&'static str> {
    rejected.faults.iter().map(|fault| fault.field).collect()
}

/// A text of at most `max` characters that is not blank and has no control characters, or a text that breaks this.
pub(crate) fn text(name: &'static str, max: usize) -> impl Strategy<Value = Member> {
    let texts = prop_oneof![
        6 => "[a-zA-Z0-9 é.-]{0,20}x",
        1 => ".{0,20}",
        1 => "[ \t\n\u{a0}\u{2003}]{0,3}",
        1 => (any::<char>(), max - 1..=max + 1).prop_map(|(c, count)| c.to_string().repeat(count)),
    ];
    let texts = texts.prop_map(move |text| Member {
        name,
        value: Some(literal(&text)),
        is_valid: (1..=max).contains(&text.chars().count())
            && !text.chars().all(char::is_whitespace)
            && !text.chars().any(char::is_control),
    });
    prop_oneof![20 => texts, 1 => of(name, false, &["1", "true", "null", "[\"x\"]", "{}"]), 1 => absent(name, false)]
}

/// One of these values.
pub(crate) fn of(
    name: &'static str,
    is_valid: bool,
    values: &'static [&'static str],
) -> impl Strategy<Value = Member> {
    prop::sample::select(values).prop_map(move |value| Member {
        name,
        value: Some(value.to_owned()),
        is_valid,
    })
}

/// A boolean that may be absent, or a value that is no boolean.
pub(crate) fn flag(name: &'static str) -> impl Strategy<Value = Member> {
    prop_oneof![
        6 => of(name, true, &["true", "false"]),
        2 => absent(name, true),
        1 => of(name, false, &["null", "0", "\"true\"", "[]"]),
    ]
}

pub(crate) fn absent(name: &'static str, is_valid: bool) -> impl Strategy<Value = Member> {
    Just(Member { name, value: None, is_valid })
}

/// The body, the body after one change, and a text that has nothing to do with it.
pub(crate) fn variants(members: &[Member], (place, inserted): &(Index, String)) -> [String; 3] {
    let body = body(members);
    let mut characters: Vec<_> = body.chars().collect();
    let place = place.index(characters.len());
    characters.splice(place..=place, inserted.chars());
    [body, characters.into_iter().collect(), inserted.clone()]
}
