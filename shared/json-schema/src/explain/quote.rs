//! Parts of the schema and of the value in a message, each of a bounded length.

use std::fmt::Write;

use xzepr_json::{Json, Number};

use super::Step;

/// The most characters of a place, and of a quoted text.
const MAX_PLACE: usize = 200;
const MAX_QUOTED: usize = 60;

/// A JSON Pointer (RFC 6901). Of a long one the end is left out.
pub(super) fn pointer(path: &[Step<'_>]) -> String {
    let (mut pointer, mut length) = (String::new(), 0);
    for step in path {
        if length >= MAX_PLACE {
            pointer.push('…');
            break;
        }
        let start = pointer.len();
        match step {
            Step::Member(name) => {
                let name = shorten(name, MAX_PLACE - length);
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Step::Item(index) => {
                // Writing to a `String` cannot fail.
                let _ = write!(pointer, "/{index}");
            }
        }
        length += pointer[start..].chars().count();
    }
    pointer
}

/// A text in quotation marks.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", shorten(text, MAX_QUOTED))
}

/// A scalar of the schema; `None` for a value that is no scalar.
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

fn shorten(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
