//! Properties of the parsers that read a caller's input, tried on generated texts.

#![expect(clippy::unwrap_used, reason = "a test ends by a panic")]

mod bodies;
mod callers;
mod cloud_events;
mod groups;
mod ids;
mod members;
mod time_ranges;

use proptest::prelude::*;

pub(crate) fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}
