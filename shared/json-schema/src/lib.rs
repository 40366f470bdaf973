//! JSON Schema.
mod format;
pub use format::Format;
