//! Shared by the tests: the whole system, started for one test, a proxy that injects faults, and how to wait.
//!
//! Each request and its response is checked against the OpenAPI document.
//!
//! `XZEPR_TEST_APACHE_BROKERS` (1 or 3) runs the same tests on Apache Kafka, with the DynamoDB API as a
//! process of its own on a file. Without it both are embedded.

mod api_description;
mod dynamodb_api;
mod dynamodb_proxy;
mod event_item;
mod eventually;
mod faulty_proxy;
mod gate_log;
mod gateway_request;
mod index;
mod message_schema;
mod planted;
mod redacted;
mod requests;
mod response;
#[cfg(feature = "real-services")]
mod schema_registry;
mod system;
mod table;
mod topic;

pub use api_description::{ApiDescription, Operation, SentRequest};
pub use dynamodb_api::DynamodbApi;
pub use dynamodb_proxy::{DynamodbProxy, OperationUsage, Usage};
pub use event_item::{EventItem, Item, created_at, partition_key};
pub use eventually::eventually;
pub use faulty_proxy::{FaultyProxy, Mode};
pub use gate_log::{GateLog, GateMessage, GateReport, LoggedEvent, LoggedGroup, LoggedPatch, Ms, artifact};
pub use gateway_request::gateway_request;
pub use message_schema::MessageSchema;
pub use planted::{PLANTED, check as check_log};
pub use redacted::redacted;
pub use response::Response;
#[cfg(feature = "real-services")]
pub use schema_registry::SchemaRegistryServer;
pub use system::System;
