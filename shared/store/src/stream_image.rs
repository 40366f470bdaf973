//! The image of an event item in a record of the stream, read in one pass.
//!
//! Here each attribute is `{"S": "a text"}` or `{"BOOL": true}`. Any other image is refused, whether or not it contains an
//! event, since [`serde_dynamo`] decides about it.

use std::{borrow::Cow, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, MapAccess, Visitor, value::MapAccessDeserializer},
    forward_to_deserialize_any,
};

use crate::event_items::EventItem;

/// The image of an event item. Its texts are those of the record, if they contain no escape.
pub(crate) struct Image<'a>(pub(crate) EventItem<Text<'a>, Flag>);

/// The value of an attribute of type `S`.
pub(crate) struct Text<'a>(Cow<'a, str>);

/// The value of an attribute of type `BOOL`.
#[derive(Default)]
pub(crate) struct Flag(bool);

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<Text<'_>> for String {
    fn from(text: Text<'_>) -> Self {
        text.0.into_owned()
    }
}

impl From<Flag> for bool {
    fn from(flag: Flag) -> Self {
        flag.0
    }
}

/// A text as a record contains it.
#[derive(Deserialize)]
#[serde(transparent)]
struct Borrowed<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Image<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ImageVisitor;

        impl<'de> Visitor<'de> for ImageVisitor {
            type Value = Image<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the image of an item")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Image<'de>, A::Error> {
                EventItem::deserialize(MapAccessDeserializer::new(Attributes(map))).map(Image)
            }
        }

        deserializer.deserialize_map(ImageVisitor)
    }
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Borrowed(text) = deserializer.deserialize_map(OneMember::new("S"))?;
        Ok(Self(text))
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OneMember::new("BOOL")).map(Self)
    }
}

/// Reads an object that has one member, and returns its value.
struct OneMember<V> {
    name: &'static str,
    value: PhantomData<V>,
}

impl<V> OneMember<V> {
    fn new(name: &'static str) -> Self {
        Self { name, value: PhantomData }
    }
}

impl<'de, V: Deserialize<'de>> Visitor<'de> for OneMember<V> {
    type Value = V;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an attribute of type {}", self.name)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<V, A::Error> {
        if map.next_key::<&str>()? != Some(self.name) {
            return Err(A::Error::custom("another type"));
        }
        let value = map.next_value()?;
        if map.next_key::<&str>()?.is_some() {
            return Err(A::Error::custom("more than one type"));
        }
        Ok(value)
    }
}

/// The attributes of an image, in which each value is an [`Attribute`].
struct Attributes<A>(A);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Attributes<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, A::Error> {
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.0.next_value_seed(AttributeSeed(seed))
    }
}

struct AttributeSeed<S>(S);

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for AttributeSeed<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Attribute(deserializer))
    }
}

/// An attribute. It is never `null`, and one that an event does not have is a text.
struct Attribute<D>(D);

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Attribute<D> {
    type Error = D::Error;

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        self.0.deserialize_map(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        visitor.visit_some(self)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, D::Error> {
        Text::deserialize(self.0)?;
        visitor.visit_unit()
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, D::Error> {
        Err(D::Error::custom("neither a text nor a flag"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf unit unit_struct newtype_struct seq tuple
        tuple_struct struct enum identifier
    }
}
