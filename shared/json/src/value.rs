//! A JSON value.

use crate::number::Number;

/// A JSON value. Its objects have no duplicate members. Its arrays and objects are boxed slices, which need no memory
/// beside their parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number. Two spellings of one number are equal.
    Number(Number),
    /// A string.
    String(Box<str>),
    /// An array.
    Array(Box<[Self]>),
    /// An object. The order of its members does not matter.
    Object(Object),
}

/// An object's members, in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object(Box<[(Box<str>, Json)]>);

impl Json {
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
    pub fn as_object(&self) -> Option<&Object> {
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
}

impl Object {
    /// An object of members whose names all differ.
    pub(crate) fn new(mut members: Vec<(Box<str>, Json)>) -> Self {
        members.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        Self(members.into_boxed_slice())
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
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.find(name).map(|(_, value)| value)
    }

    /// The member of this name, and its index in the order of [`iter`](Self::iter).
    pub fn find(&self, name: &str) -> Option<(usize, &Json)> {
        let index = self.0.binary_search_by(|(member, _)| (**member).cmp(name)).ok()?;
        Some((index, &self.0[index].1))
    }

    /// Takes the member of this name and leaves `null` in its place.
    pub(crate) fn take(&mut self, name: &str) -> Option<Json> {
        let (index, _) = self.find(name)?;
        Some(std::mem::replace(&mut self.0[index].1, Json::Null))
    }

    /// The members in the order of their names.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Json)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
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
    fn members_are_found_by_name() {
        let value = json(r#"{"b":1,"a":2,"":3}"#);
        assert_eq!(value.get("a"), Some(&json("2")));
        assert_eq!(value.get(""), Some(&json("3")));
        assert_eq!(value.get("c"), None);
        let names: Vec<_> = value.as_object().unwrap().iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["", "a", "b"]);
    }
}
