//! HTTP in, Kafka message out, through the functions' real processes.

mod events;
mod groups;
mod idempotency;
mod receivers;
mod refusals;
mod routes;
