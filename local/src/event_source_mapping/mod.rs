//! The event source mappings: each delivers the records of the table's stream to a function, in order, until the function
//! accepts them or they are too old.
//!
//! Rules: <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>

mod delivery;
#[cfg(test)]
mod fakes;
mod filter;
mod invocation;
mod position;
mod reader;
mod record;
mod retry;
mod shard;
mod stream;

use std::time::Duration;

pub use self::invocation::{Delivered, Deliveries, FailedInvocations};
pub(crate) use self::{
    delivery::SendMessage,
    filter::Filter,
    invocation::FunctionClient,
    stream::{Source, run},
};

/// The mapping's properties, under the names of the Lambda API.
#[derive(Debug, Clone)]
pub(crate) struct Mapping {
    /// The most records of an invocation.
    pub(crate) batch_size: usize,
    /// The longest time in which records are gathered for a batch.
    pub(crate) batching_window: Duration,
    /// Whether a batch is split in two when the function fails.
    pub(crate) bisect_on_function_error: bool,
    /// The number of retries of a batch. `None`: retries continue until its records are too old.
    pub(crate) maximum_retry_attempts: Option<u32>,
    /// The age at which a record is given up.
    pub(crate) maximum_record_age: Duration,
    /// Whether the function's response may name the first failed record.
    pub(crate) report_batch_item_failures: bool,
    /// Whether records that are given up go to the on-failure queue.
    pub(crate) has_on_failure_queue: bool,
    /// A record is delivered if one of these matches.
    pub(crate) filters: Vec<Filter>,
}
