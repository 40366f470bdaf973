//! The members of a request's body, each as a value and as the text that was sent.

use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::{parse::InvalidJson, value::Json};

/// The members of one JSON object.
pub struct Members<'a> {
    value: Json<'a>,
    texts: Vec<(String, &'a RawValue)>,
}

/// One member.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// The member's value.
    pub value: &'a Json<'a>,
    /// The text of that value, as it was sent.
    pub text: &'a RawValue,
}

impl<'a> Members<'a> {
    /// Reads one JSON object as strictly as [`Json::parse`] does. So each value agrees with its text.
    pub fn parse(text: &'a str) -> Result<Self, InvalidJson> {
        let value = Json::parse(text)?;
        let texts = serde_json::Deserializer::from_str(text).deserialize_map(Texts).map_err(InvalidJson)?;
        Ok(Self { value, texts })
    }

    /// The member of this name.
    pub fn get(&self, name: &str) -> Option<Member<'_>> {
        let value = self.value.get(name)?;
        let (_, text) = self.texts.iter().find(|(member, _)| member == name)?;
        Some(Member { value, text })
    }

    /// Takes the value of this name out and returns it with its text. The member is `null` afterwards.
    pub fn take(&mut self, name: &str) -> Option<(Json<'a>, &'a RawValue)> {
        let (_, text) = self.texts.iter().find(|(member, _)| member == name)?;
        match &mut self.value {
            Json::Object(members) => Some((members.take(name)?, text)),
            _ => None,
        }
    }
}

/// Finds the text of each member. It skips the values and does not parse them again.
struct Texts;

impl<'de> Visitor<'de> for Texts {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut texts = Vec::new();
        while let Some(member) = map.next_entry()? {
            texts.push(member);
        }
        Ok(texts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_text() {
        let members = Members::parse(r#"{ "a" : {"z": 1.00, "b":[ ]} , "\u0062": 2 }"#).unwrap();
        assert_eq!(members.get("a").unwrap().text.get(), r#"{"z": 1.00, "b":[ ]}"#);
        assert_eq!(members.get("b").unwrap().text.get(), "2");
        assert!(members.get("z").is_none());
    }

    #[test]
    fn a_member_is_taken_with_its_text() {
        let mut members = Members::parse(r#"{"a":{"z": 1.00},"b":2}"#).unwrap();
        let (value, text) = members.take("a").unwrap();
        assert_eq!((value, text.get()), (Json::parse(r#"{"z":1}"#).unwrap(), r#"{"z": 1.00}"#));
        assert_eq!(members.take("c").map(|(value, _)| value), None);
        assert_eq!(members.get("b").unwrap().text.get(), "2");
    }

    #[test]
    fn a_members_value_agrees_with_its_text() {
        let text = r#"{"p":{"$serde_json::private::RawValue":"{\"a\":\"x\"}"},"q":[1,{"b":null}]}"#;
        let members = Members::parse(text).unwrap();
        for name in ["p", "q"] {
            let member = members.get(name).unwrap();
            assert_eq!(*member.value, Json::parse(member.text.get()).unwrap());
        }
    }

    #[test]
    fn text_that_is_not_one_object_is_refused() {
        for text in ["", "{", "{}x", "{}{}", r#"{"a":NaN}"#, "[]", "null", "\u{feff}{}"] {
            assert!(Members::parse(text).is_err(), "{text}");
        }
    }
}
