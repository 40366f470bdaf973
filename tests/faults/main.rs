//! Faults one at a time, in seconds: every accepted event is published, and every failure is reported.
//!
//! `cargo test` runs these tests. The fault suite in `tests/fault_suite` has faults under load, and measures.

mod functions;
mod kafka;
mod publisher;
mod replay;
mod restart;
mod shutdown;
mod table;
