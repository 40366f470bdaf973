//! The log lines, the metrics and the exit code of a function.

pub mod metrics;

use std::{env, error::Error, process::ExitCode};

use lambda_runtime::tracing::init_default_subscriber;

/// The version of the workspace.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The short hash of the commit, in a release build; see `build.rs`.
pub const COMMIT: &str = env!("XZEPR_COMMIT");

/// Starts the log. Its first line names the function, its version and its commit.
///
/// - `AWS_LAMBDA_LOG_FORMAT` decides the format: `JSON` or text.
/// - `AWS_LAMBDA_LOG_LEVEL` decides the level.
/// - `RUST_LOG` decides the level if `AWS_LAMBDA_LOG_LEVEL` is not set. The default is `INFO`.
pub fn init() {
    init_default_subscriber();
    log_start(&function_name());
}

/// The exit code of the process: 0 after success, 1 after a failure. A failure is logged as one line with all of its
/// causes.
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

fn log_start(function: &str) {
    tracing::info!(function, version = VERSION, commit = COMMIT, "{function} {VERSION} starts");
}

/// The name that Lambda gives the function. Outside Lambda it is the name of the program.
fn function_name() -> String {
    env::var("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|_| {
        let program = env::current_exe().unwrap_or_default();
        program.file_name().unwrap_or_default().to_string_lossy().into_owned()
    })
}

#[cfg(test)]
mod tests {
    use std::{
        io::{self, Read},
        sync::Arc,
    };

    use lambda_runtime::tracing::subscriber;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the table is unreachable")]
    struct Unreachable(#[source] io::Error);

    #[test]
    fn an_error_and_its_causes_are_one_line() {
        let error = Unreachable(io::Error::other("connection refused"));
        assert_eq!(chain(&error), "the table is unreachable: connection refused");
        assert_eq!(chain(&io::Error::other("alone")), "alone");
    }

    #[test]
    fn the_first_line_names_the_function_its_version_and_its_commit() {
        let (mut reader, writer) = io::pipe().unwrap();
        let log = subscriber::fmt().json().without_time().with_target(false).with_writer(Arc::new(writer));
        tracing::subscriber::with_default(log.finish(), || log_start("create-event"));
        let mut line = String::new();
        reader.read_to_string(&mut line).unwrap();
        let fields = format!(
            r#""fields":{{"message":"create-event {VERSION} starts","function":"create-event","version":"{VERSION}","commit":"{COMMIT}"}}"#
        );
        assert!(line.starts_with(r#"{"level":"INFO","#) && line.contains(&fields), "{line}");
        assert!(!COMMIT.is_empty());
    }

    #[test]
    fn outside_lambda_a_function_has_the_name_of_its_program() {
        assert!(function_name().starts_with("xzepr_telemetry"), "{}", function_name());
    }
}
