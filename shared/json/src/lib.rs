//! JSON as callers send it: read once and strictly, and kept byte for byte beside what was read.
//!
//! No code that meets a caller's text uses `serde_json::Value`. With the feature `raw_value`, which keeps
//! payloads byte for byte, a `Value` takes an object with the one member `$serde_json::private::RawValue`
//! for the JSON inside that member's string: the value that is checked would not be the text that is
//! published. [`Json`] is made by the walk that refuses duplicate members, and knows no such member.

mod members;
mod number;
mod parse;
mod text;
mod value;

pub use members::{Member, Members};
pub use number::Number;
pub use parse::InvalidJson;
pub use text::JsonText;
pub use value::{Json, Object};
