//! The event source mapping: hands the records of the table's stream to a function, in order, until
//! the function took them or they are too old.
//!
//! Semantics: <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>

mod filter;
mod invocation;
mod position;
mod retry;
mod shard;
mod stream;

use std::time::Duration;

pub use filter::Filter;
pub use invocation::{FailedInvocations, FunctionClient};
pub use stream::{Source, run};

/// The mapping's properties, under the names of the Lambda API.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Records an invocation at most.
    pub batch_size: usize,
    /// How long records are gathered for a batch.
    pub batching_window: Duration,
    /// Whether a batch is split in two when the function fails.
    pub bisect_on_function_error: bool,
    /// How often a batch is tried again; `None` as long as its records are not too old.
    pub maximum_retry_attempts: Option<u32>,
    /// How old a record may become.
    pub maximum_record_age: Duration,
    /// Whether the function's answer may name the first failed record.
    pub report_batch_item_failures: bool,
    /// Whether what is given up goes to the on-failure queue.
    pub has_on_failure_queue: bool,
    /// A record is delivered if one of these matches.
    pub filters: Vec<Filter>,
}
