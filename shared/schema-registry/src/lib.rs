//! A schema registry with Confluent's API: it keeps JSON Schemas under subjects, and gives each an id.
//!
//! <https://docs.confluent.io/platform/current/schema-registry/develop/api.html>
//!
//! A message carries the id of its schema in the wire header, by which Confluent's deserializers find the schema. A
//! [`SchemaRegistry`] finds or registers schemas, and keeps their ids.

mod access_error;
mod client;
mod failure;
mod ids;
mod request_body;
mod schema_error;
mod schema_registry;
mod subject;
#[cfg(test)]
mod tests;

pub use access_error::AccessError;
pub use schema_error::SchemaError;
pub use schema_registry::SchemaRegistry;
pub use subject::subject;
