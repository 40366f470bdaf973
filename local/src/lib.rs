//! The whole system on one machine:
//!
//! - a DynamoDB API with streams, and a Kafka API;
//! - the functions as processes, and their real routes;
//! - the event source mappings, the on-failure queue and the schedules, which invoke functions, too.
//!
//! The tables, routes, timeouts, mappings and schedules come from `template.yaml`, so the deployed system runs here.

pub mod cargo_lambda;
pub mod dynamodb;
mod error;
mod event_source_mapping;
mod execution_environments;
mod functions;
mod http_api;
pub mod kafka;
pub mod kafka_check;
mod lambda;
mod metrics;
mod on_failure_queue;
mod options;
pub mod ports;
mod process;
mod progress;
mod route_explanation;
mod routes;
pub mod samples;
mod signal;
mod stack;
mod table;
mod template;
pub mod topic;
mod triggers;
pub mod workspace;

pub use error::{Context, Error, Result};
pub use event_source_mapping::{Delivered, Deliveries, FailedInvocations};
pub use functions::Functions;
pub use http_api::{AUDIENCE, Issuer, Tokens};
pub use lambda::invoke;
pub use options::{Auth, Backends, Options};
pub use progress::{Progress, Stage};
pub use route_explanation::{Question, explain_routes};
pub use signal::Signal;
pub use stack::Stack;
pub use table::{create_dead_letters_table, create_index_table, create_table, sdk_config};
pub use workspace::program;
