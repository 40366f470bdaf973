//! JSON text, kept byte for byte.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::{parse::InvalidJson, value::Json};

/// JSON text exactly as a caller sent it: member order, number spelling and white space.
#[derive(Debug, Clone)]
pub struct JsonText(Box<RawValue>);

impl JsonText {
    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// The text, for embedding in other JSON without a change.
    pub fn as_raw(&self) -> &RawValue {
        &self.0
    }

    /// The value of the text. It is read as strictly as [`Json::parse`] reads it.
    pub fn value(&self) -> Result<Json<'_>, InvalidJson> {
        Json::parse(self.as_str())
    }

    /// JSON that this workspace writes itself, from a struct of plain values.
    #[expect(clippy::expect_used, reason = "a struct of strings, numbers and booleans is always JSON")]
    pub fn written(value: &impl Serialize) -> Self {
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
