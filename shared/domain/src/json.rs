//! JSON as it was sent: read strictly, kept byte for byte.

use std::{collections::HashSet, fmt};

use serde::{
    Serialize,
    de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::{RawValue, to_raw_value};

/// JSON text exactly as a caller sent it: member order, number spelling and white space.
#[derive(Debug, Clone)]
pub struct JsonText(Box<RawValue>);

impl JsonText {
    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The text, to be embedded in other JSON as it is.
    pub fn as_raw(&self) -> &RawValue {
        &self.0
    }

    /// JSON that this crate writes itself.
    #[expect(clippy::expect_used, reason = "a struct of strings, numbers and booleans is always JSON")]
    pub(crate) fn written(value: &impl Serialize) -> Self {
        Self(to_raw_value(value).expect("a plain struct"))
    }
}

impl PartialEq for JsonText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl From<&RawValue> for JsonText {
    fn from(raw: &RawValue) -> Self {
        Self(raw.to_owned())
    }
}

impl TryFrom<String> for JsonText {
    type Error = InvalidJson;

    fn try_from(text: String) -> Result<Self, InvalidJson> {
        RawValue::from_string(text).map(Self).map_err(InvalidJson)
    }
}

/// Text that is not one JSON value, or a value with duplicate members.
///
/// The message names what is wrong and its line and column; it quotes nothing but member names.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct InvalidJson(serde_json::Error);

/// The members of a JSON object, each value as its text.
pub(crate) struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'a> Members<'a> {
    /// Reads one JSON object. Refuses what parsers disagree on (RFC 8259 section 4, RFC 7493):
    /// duplicate members at any depth and lone surrogates; also more than 128 levels.
    pub(crate) fn parse(text: &'a str) -> Result<Self, InvalidJson> {
        let mut reader = serde_json::Deserializer::from_str(text);
        Unambiguous.deserialize(&mut reader).and_then(|()| reader.end()).map_err(InvalidJson)?;
        serde_json::Deserializer::from_str(text).deserialize_map(MembersVisitor).map_err(InvalidJson)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.0.iter().find(|(member, _)| member == name).map(|(_, value)| *value)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}

/// Reads any JSON value, keeps nothing, and fails at a duplicate member.
struct Unambiguous;

impl<'de> DeserializeSeed<'de> for Unambiguous {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unambiguous {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if let Some(name) = seen.replace(name) {
                return Err(de::Error::custom(format_args!("duplicate member {name:?}")));
            }
            map.next_value_seed(Self)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Self)?.is_some() {}
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(text: &str) -> String {
        Members::parse(text).err().expect(text).to_string()
    }

    #[test]
    fn members_keep_their_text() {
        let members = Members::parse(r#"{ "a" : {"z": 1.00, "b":[ ]} }"#).unwrap();
        assert_eq!(members.get("a").unwrap().get(), r#"{"z": 1.00, "b":[ ]}"#);
        assert!(members.get("b").is_none());
    }

    #[test]
    fn escaped_member_names_are_the_same_names() {
        assert!(Members::parse(r#"{"\u0061":1}"#).unwrap().get("a").is_some());
        assert!(refusal(r#"{"a":1,"\u0061":2}"#).starts_with(r#"duplicate member "a""#));
    }

    #[test]
    fn what_parsers_disagree_on_is_refused() {
        assert_eq!(refusal(r#"{"p":{"a":1,"a":1}}"#), r#"duplicate member "a" at line 1 column 15"#);
        assert!(refusal(r#"{"p":"\ud800"}"#).contains("hex escape"));
        assert!(refusal(&"[".repeat(200)).contains("recursion limit"));
    }

    #[test]
    fn text_that_is_not_one_object_is_refused() {
        for text in
            ["", "{", "{}x", "{}{}", r#"{"a":NaN}"#, r#"{"a":01}"#, "{'a':1}", "[]", "null", "\u{feff}{}"]
        {
            refusal(text);
        }
    }
}
