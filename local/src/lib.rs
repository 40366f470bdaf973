//! The whole system on one machine: a DynamoDB API with streams, a Kafka API, the functions as processes
//! behind their real routes, and what invokes them: event source mappings, the on-failure queue, the clock.
//!
//! The deployed system is the one that runs here: tables, routes, timeouts, mappings and schedules come from `template.yaml`.

mod api;
pub mod cargo_lambda;
pub mod dynamodb;
mod error;
pub mod event_source_mapping;
mod execution_environments;
pub mod functions;
pub mod kafka;
pub mod kafka_check;
mod lambda;
mod on_failure_queue;
pub mod ports;
mod process;
mod routes;
pub mod samples;
mod signal;
mod stack;
mod table;
pub mod template;
pub mod topic;
mod workspace;

pub use error::{Error, Result};
pub use lambda::invoke;
pub use signal::Signal;
pub use stack::{Backends, Options, Stack};
pub use table::{create_dead_letters_table, sdk_config};
pub use workspace::program;
