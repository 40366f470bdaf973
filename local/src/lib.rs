//! The whole system on one machine: a DynamoDB API with streams, a Kafka API, the four functions as
//! processes behind their real routes, and the event source mapping between stream and publisher.
//!
//! What deploys is what runs: the table and the mapping's properties come from `template.yaml`, the
//! routes from the workspace's `cargo lambda` metadata.

pub mod cargo_lambda;
pub mod dynamodb;
mod error;
pub mod event_source_mapping;
pub mod functions;
pub mod kafka;
pub mod kafka_check;
pub mod ports;
pub mod samples;
mod stack;
mod table;
pub mod template;
pub mod topic;
mod workspace;

pub use error::{Error, Result};
pub use stack::{Backends, Options, Stack};
pub use table::sdk_config;
pub use workspace::program;
