//! The whole system seen from outside: HTTP requests in, Kafka messages out, through the functions' real processes.
//!
//! Snapshots of HTTP responses and Kafka messages have the text on the wire. Only ids and times are replaced, and the
//! headers that API Gateway would write are left out.

mod batches;
mod cloud_events;
mod costs;
mod dead_letters;
mod events;
mod formats;
mod gates;
mod group_changes;
mod groups;
mod idempotency;
mod index;
mod lists;
mod logs;
mod metrics;
mod peers;
mod reads;
mod receivers;
mod reconcile;
mod refusals;
mod replays;
mod route_explanation;
mod routes;
mod sample_events;
mod search;
mod senders;
mod traces;
