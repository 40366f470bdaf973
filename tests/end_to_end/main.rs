//! HTTP in, Kafka message out, through the functions' real processes.

mod dead_letters;
mod events;
mod groups;
mod idempotency;
mod receivers;
mod reconcile;
mod refusals;
mod replays;
mod routes;
