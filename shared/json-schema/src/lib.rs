//! JSON Schema, checked within a budget.
//!
//! The crate supports the drafts 4, 6, 7, 2019-09 and 2020-12. No schema and no value can make a check cost more than
//! its budget:
//!
//! - The result of a subschema that several paths through the schema reach is kept for its value, so that the paths do
//!   not multiply.
//! - Every step is counted. A check that has no steps left ends as [`TooMuchWork`].
//! - A pattern is searched in linear time, and the states that the search makes cost steps.
//! - A mismatch is found first and explained afterwards, within a budget of its own.
//!
//! A validator that others maintain would be the better choice if it could be interrupted. The most used one,
//! jsonschema, evaluates each path separately. An ordinary tree of two kinds of nodes then takes twice as long with
//! every level. A thread with a deadline would not help: the caller would get a response, but the thread would continue
//! to use the processor. The tests compare our verdicts with those of jsonschema and of the official suite.

mod budget;
mod compile;
mod draft;
mod error;
mod evaluate;
mod explain;
mod format;
mod metaschemas;
mod node;
mod pattern;
mod pointer;
mod resources;
mod schema;
mod subschemas;
mod work;

pub use budget::Budget;
pub use error::{SchemaError, TooMuchWork};
pub use schema::{Mismatch, Schema};
