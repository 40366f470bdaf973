//! The indexer on an embedded DynamoDB.

mod completions;
mod failures;
mod faulty;
mod orders;
mod rebuild;
mod world;
