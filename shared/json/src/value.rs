//! A JSON value.

use std::borrow::Cow;

use crate::number::Number;

/// A JSON value. Its objects have no duplicate members. Its arrays and objects are boxed slices, which need no memory
/// beside their parts. Its strings and names are those of the text, except for the ones that the text escapes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Json<'t> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number. Two spellings of one number are equal.
    Number(Number),
    /// A string.
    String(Cow<'t, str>),
    /// An array.
    Array(Box<[Self]>),
    /// An object. The order of its members does not matter.
    Object(Object<'t>),
}

/// An object's members, in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object<'t>(Box<[(Cow<'t, str>, Json<'t>)]>);

impl<'t> Json<'t> {
    /// The string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if this is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The number, if this is one.
    pub fn as_number(&self) -> Option<Number> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The array's items, if this is an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The object, if this is one.
    pub fn as_object(&self) -> Option<&Object<'t>> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// How many arrays and objects are inside each other at the deepest place. 0 for a scalar.
    pub fn levels(&self) -> usize {
        match self {
            Self::Array(items) => 1 + items.iter().map(Self::levels).max().unwrap_or_default(),
            Self::Object(Object(members)) => {
                1 + members.iter().map(|(_, member)| member.levels()).max().unwrap_or_default()
            }
            _ => 0,
        }
    }

    /// The member of this name, if this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    /// The same value without its text.
    pub fn to_static(&self) -> Json<'static> {
        match self {
            Self::Null => Json::Null,
            Self::Bool(flag) => Json::Bool(*flag),
            Self::Number(number) => Json::Number(*number),
            Self::String(text) => Json::String(Cow::Owned(text.to_string())),
            Self::Array(items) => Json::Array(items.iter().map(Self::to_static).collect()),
            Self::Object(Object(members)) => {
                let owned =
                    |(name, value): &(Cow<'t, str>, Self)| (Cow::Owned(name.to_string()), value.to_static());
                Json::Object(Object(members.iter().map(owned).collect()))
            }
        }
    }
}

impl<'t> Object<'t> {
    /// An object of members whose names all differ, in the order of their names.
    pub(crate) fn new(members: Box<[(Cow<'t, str>, Json<'t>)]>) -> Self {
        Self(members)
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has no member.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The member of this name.
    pub fn get(&self, name: &str) -> Option<&Json<'t>> {
        self.find(name).map(|(_, value)| value)
    }

    /// The member of this name, and its index in the order of [`iter`](Self::iter).
    pub fn find(&self, name: &str) -> Option<(usize, &Json<'t>)> {
        let index = self.0.binary_search_by(|(member, _)| (**member).cmp(name)).ok()?;
        Some((index, &self.0[index].1))
    }

    /// Takes the member of this name and leaves `null` in its place.
    pub(crate) fn take(&mut self, name: &str) -> Option<Json<'t>> {
        let (index, _) = self.find(name)?;
        Some(std::mem::replace(&mut self.0[index].1, Json::Null))
    }

    /// The members in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Json<'t>)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json<'_> {
        Json::parse(text).unwrap()
    }

    #[test]
    fn equal_values_may_be_spelled_differently() {
        assert_eq!(json(r#"{"a":1,"b":[2.0]}"#), json(r#"{ "b": [2], "\u0061": 1e0 }"#));
        assert_ne!(json("[1,2]"), json("[2,1]"));
        assert_ne!(json("0"), json("false"));
        assert_ne!(json("\"1\""), json("1"));
    }

    #[test]
    fn a_value_without_its_text_is_equal_to_it() {
        let value = json(r#"{"a":[null,true,-1,0.5,"b"],"\u0063":{"d":"\n"}}"#);
        assert_eq!(value.to_static(), value);
    }

    #[test]
    fn strings_and_names_are_those_of_the_text_unless_it_escapes_them() {
        let value = json(r#"{"a":"b","\u0063":"\n"}"#);
        let borrowed = |text: &Cow<'_, str>| matches!(text, Cow::Borrowed(_));
        let Json::Object(Object(members)) = &value else { panic!("an object") };
        let found: Vec<_> = members
            .iter()
            .map(|(name, value)| match value {
                Json::String(text) => (borrowed(name), borrowed(text)),
                _ => panic!("a string"),
            })
            .collect();
        assert_eq!(found, [(true, true), (false, false)]);
    }

    #[test]
    fn members_are_found_by_name() {
        let value = json(r#"{"b":1,"a":2,"":3}"#);
        assert_eq!(value.get("a"), Some(&json("2")));
        assert_eq!(value.get(""), Some(&json("3")));
        assert_eq!(value.get("c"), None);
        let names: Vec<_> = value.as_object().unwrap().iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["", "a", "b"]);
    }
}
