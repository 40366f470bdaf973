//! JSON as callers send it. Each text is read once and strictly, and its bytes are kept beside its value.
//!
//! Code that reads a caller's text never uses `serde_json::Value`. The feature `raw_value`, which keeps payloads byte
//! for byte, gives one member's name a special meaning: a `Value` replaces an object with the one member
//! `$serde_json::private::RawValue` by the JSON inside that member's string. The value that is checked would then
//! differ from the text that is published. [`Json`] has no such special name. One walk over the text makes it and
//! refuses duplicate members.

mod items;
mod members;
mod number;
mod parse;
mod text;
mod value;

pub use items::split_array;
pub use members::{Member, Members};
pub use number::Number;
pub use parse::InvalidJson;
pub use text::JsonText;
pub use value::{Json, Object};
