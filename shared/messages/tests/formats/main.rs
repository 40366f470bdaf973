//! Any valid event becomes a message in each format, which reads back as the same event.
//!
//! The reader is independent of the code that writes: it is a JSON parser that keeps the text of each member. A validator
//! checks each message against the schema of its format.

#![expect(clippy::unwrap_used, reason = "a test ends with a panic")]

mod arbitrary;
mod cdevents;
mod cloudevents;
mod epr;
mod message;
mod schemas;
mod xzepr;

use proptest::prelude::*;

pub(crate) fn cases() -> ProptestConfig {
    ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() }
}
