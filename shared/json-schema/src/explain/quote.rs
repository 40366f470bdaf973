//! Parts of the schema in a message, each of limited length.

use xzepr_json::{Json, Number};

use crate::pointer::shorten;

/// The most characters of a quoted text.
const MAX_QUOTED: usize = 60;

/// A text in quotation marks.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", shorten(text, MAX_QUOTED))
}

/// The text of a scalar. `None` for an array or an object.
pub(super) fn scalar(value: &Json) -> Option<String> {
    match value {
        Json::Null => Some("null".to_owned()),
        Json::Bool(flag) => Some(flag.to_string()),
        Json::Number(number) => Some(self::number(*number)),
        Json::String(text) => Some(quoted(text)),
        Json::Array(_) | Json::Object(_) => None,
    }
}

pub(super) fn number(number: Number) -> String {
    match number {
        Number::Unsigned(integer) => integer.to_string(),
        Number::Negative(integer) => integer.to_string(),
        Number::Float(float) => format!("{float:?}"),
    }
}
