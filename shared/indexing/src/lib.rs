//! Writes the index of events, and evaluates the gates that they belong to.
//!
//! The stream and a rebuild use it the same way. Everything that it writes can be written again: search items are puts of
//! the same items, the latest successes are maxima, and a completion is a compare-and-set. So an event that is indexed a
//! second time changes nothing, or finishes the work of the first time.

mod due;
mod evaluation;
mod groups;
mod indexer;
mod outcome;
mod store;
#[cfg(test)]
mod tests;

pub use indexer::Indexer;
pub use outcome::{Failure, Outcome};
pub use store::{Store, Tables};
