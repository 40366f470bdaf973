//! What a function tells its operator: log lines, metrics, and why it did not start.

mod metrics;

use std::{error::Error, process::ExitCode};

use lambda_runtime::tracing::init_default_subscriber;
pub use metrics::{Metric, emit};

/// Starts logging. Lambda's `AWS_LAMBDA_LOG_FORMAT` (`JSON` or text) and `AWS_LAMBDA_LOG_LEVEL`
/// decide form and level, `RUST_LOG` the level where the latter is not set; the default is `INFO`.
pub fn init() {
    init_default_subscriber();
}

/// The process's exit code: 0 after a clean end, 1 after a failure, which is logged as one line that
/// carries the whole chain of causes.
pub fn exit_code<E>(ended: Result<(), E>) -> ExitCode
where
    E: Into<Box<dyn Error + Send + Sync>>,
{
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("the function stopped: {}", chain(error.into().as_ref()));
            ExitCode::FAILURE
        }
    }
}

/// An error and its causes in one line.
pub fn chain(error: &dyn Error) -> String {
    let mut line = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        line.push_str(": ");
        line.push_str(&error.to_string());
        cause = error.source();
    }
    line
}
