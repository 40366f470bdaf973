//! JSON Schema, checked within a budget.
//!
//! Drafts 4, 6, 7, 2019-09 and 2020-12. No schema and no value makes a check cost more than its budget:
//! - every result that several ways of the schema lead to is kept for its value, so the ways do not multiply;
//! - every step is counted, and a check that runs out of steps ends as [`TooMuchWork`];
//! - patterns are searched in linear time, and pay for the states that they make;
//! - a mismatch is found first and explained afterwards, within a budget of its own.
//!
//! A well-kept validator would be the better choice if it could be interrupted. The most used one,
//! jsonschema, evaluates each way by itself, so that an ordinary tree of two kinds of nodes takes twice as
//! long with every level; a thread with a deadline would only answer the caller, and keep the processor. The
//! tests compare our verdicts with its own, and with the official suite.

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

pub use error::{SchemaError, TooMuchWork};
pub use schema::{Mismatch, Schema};
