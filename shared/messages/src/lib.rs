//! Makes the Kafka message of an event. It does no I/O, and makes the same bytes for every delivery.
//!
//! Each format has a module of its own, and none knows another. Only [`Messages`] knows the routes, which choose the
//! topic, the key and the format.

mod attributes;
mod cdevents;
mod cloudevents;
mod cloudevents_binary;
mod content;
mod epr;
mod message;
mod messages;
mod record_ids;
mod routes;
mod schemas;
mod source;
mod wire_header;
mod xzepr;

pub use message::{EVENT_TYPE_HEADER, Message, REPLAY_HEADER, ROUTE_HEADER, TRACEPARENT_HEADER};
pub use messages::{Messages, NoMessage};
pub use record_ids::{IdPlaces, RecordIds};
pub use routes::{Decision, Difference, Route, Target};
pub use schemas::{ValueSchema, schema_of};
pub use wire_header::{framed, unframed};
