//! JSON Schema.
#![cfg_attr(not(test), expect(dead_code, reason = "the validator that calls the formats follows"))]
mod draft;
mod format;
