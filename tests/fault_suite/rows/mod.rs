//! The rows of the suite's table: each function makes one fault under load.
//!
//! The sleeps in these files are the faults themselves, or load before and after them. Waits use `eventually`.

pub(crate) mod gates;
pub(crate) mod hostile;
pub(crate) mod kafka;
pub(crate) mod latency;
pub(crate) mod poison;
pub(crate) mod publisher;
pub(crate) mod redelivery;
pub(crate) mod replay;
pub(crate) mod routes;
pub(crate) mod schema_registry;
pub(crate) mod table;
