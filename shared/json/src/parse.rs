//! The walk over a text. It makes the value and refuses a text that parsers read differently.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::{
    number::Number,
    value::{Json, Object},
};

/// The most characters of a member's name that a message quotes.
const MAX_QUOTED: usize = 100;

/// Text that is not one JSON value, or a value with duplicate members.
///
/// The message names the problem, its line and its column. Of the text it quotes only the start of a member's name.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct InvalidJson(pub(crate) serde_json::Error);

impl<'t> Json<'t> {
    /// Reads one JSON value. Refuses a text that parsers read differently (RFC 8259 section 4, RFC 7493):
    ///
    /// - duplicate members at any depth,
    /// - lone surrogates,
    /// - numbers beyond a double.
    ///
    /// Also refuses more than 128 levels of nesting.
    pub fn parse(text: &'t str) -> Result<Self, InvalidJson> {
        let mut reader = serde_json::Deserializer::from_str(text);
        let value = Walk(&mut Parts::default()).deserialize(&mut reader).map_err(InvalidJson)?;
        reader.end().map_err(InvalidJson)?;
        Ok(value)
    }
}

/// Makes a [`Json`] from a deserializer. `Json` itself does not implement `Deserialize`: a struct of another crate
/// could then read it out of a buffer of serde, from which duplicates are already gone.
struct Walk<'p, 'de>(&'p mut Parts<'de>);

/// The parts of the arrays and objects that are not complete yet. An array or object takes its own from the end when it
/// is complete, so it needs one allocation of the right size.
#[derive(Default)]
struct Parts<'de> {
    items: Vec<Json<'de>>,
    members: Vec<(Cow<'de, str>, Json<'de>)>,
}

impl<'de> DeserializeSeed<'de> for Walk<'_, 'de> {
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, 'de> {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let Self(parts) = self;
        let (first, mut names) = (parts.members.len(), Names::default());
        while let Some(name) = map.next_key_seed(Name)? {
            if !names.insert(name.clone(), &parts.members[first..]) {
                let start: String = name.chars().take(MAX_QUOTED).collect();
                return Err(de::Error::custom(format_args!("duplicate member {start:?}")));
            }
            let value = map.next_value_seed(Walk(parts))?;
            parts.members.push((name, value));
        }
        parts.members[first..].sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Ok(Json::Object(Object::new(parts.members.drain(first..).collect())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json<'de>, A::Error> {
        let Self(parts) = self;
        let first = parts.items.len();
        while let Some(item) = seq.next_element_seed(Walk(parts))? {
            parts.items.push(item);
        }
        Ok(Json::Array(parts.items.drain(first..).collect()))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::String(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::String(Cow::Owned(text.to_owned())))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(flag))
    }

    fn visit_u64<E>(self, integer: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(Number::from(integer)))
    }

    fn visit_i64<E>(self, integer: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(Number::from(integer)))
    }

    fn visit_f64<E>(self, float: f64) -> Result<Json<'de>, E> {
        Ok(Json::Number(Number::Float(float)))
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }
}

/// The name of a member. serde's own `Cow` would copy every name.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Cow<'de, str>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// The names that an object has had so far. Most objects are small, so only a larger one gets a set.
#[derive(Default)]
struct Names<'de>(HashSet<Cow<'de, str>>);

impl<'de> Names<'de> {
    const SMALL: usize = 16;

    /// Adds a name. Returns whether it is new; `members` are those that came before it.
    fn insert(&mut self, name: Cow<'de, str>, members: &[(Cow<'de, str>, Json<'de>)]) -> bool {
        if members.len() < Self::SMALL {
            return members.iter().all(|(member, _)| *member != name);
        }
        if self.0.is_empty() {
            self.0.extend(members.iter().map(|(member, _)| member.clone()));
        }
        self.0.insert(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Json::parse(text).expect_err(text).to_string()
    }

    #[test]
    fn ambiguous_text_is_refused() {
        assert_eq!(refusal(r#"{"p":{"a":1,"a":1}}"#), r#"duplicate member "a" at line 1 column 15"#);
        assert!(refusal(r#"{"a":1,"\u0061":2}"#).starts_with(r#"duplicate member "a""#));
        assert!(refusal(r#"{"p":"\ud800"}"#).contains("hex escape"));
        assert!(refusal(&"[".repeat(200)).contains("recursion limit"));
        assert!(refusal("1e400").contains("out of range"));
        for text in ["", "{", "{}x", "{}{}", "NaN", "01", "{'a':1}", "\u{feff}{}", "[1,]", "\"\n\""] {
            refusal(text);
        }
    }

    #[test]
    fn duplicates_are_found_in_objects_of_any_size() {
        for count in [1, 15, 16, 17, 1000] {
            let members: Vec<_> = (0..count).map(|index| format!(r#""m{index}":0"#)).collect();
            assert!(Json::parse(&format!("{{{}}}", members.join(","))).is_ok(), "{count}");
            for duplicate in [0, count - 1] {
                let text = format!(r#"{{{},"m{duplicate}":1}}"#, members.join(","));
                assert!(refusal(&text).starts_with("duplicate member"), "{count} {duplicate}");
            }
        }
    }

    #[test]
    fn a_message_quotes_the_start_of_a_long_name() {
        let name = "x".repeat(10_000);
        assert!(refusal(&format!(r#"{{"{name}":1,"{name}":2}}"#)).len() < 200);
    }

    #[test]
    fn members_that_serde_json_uses_for_itself_are_ordinary_members() {
        for token in ["$serde_json::private::RawValue", "$serde_json::private::Number"] {
            let text = format!(r#"{{"{token}":"1"}}"#);
            let value = Json::parse(&text).unwrap();
            assert_eq!(value.get(token).and_then(Json::as_str), Some("1"));
        }
    }
}
