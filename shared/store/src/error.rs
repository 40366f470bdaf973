//! Why the table did not do what was asked.

use aws_sdk_dynamodb::{
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
};

/// An error of the table. Its text is for the log, not for a caller.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Throttled, timed out or unreachable: the same request may succeed in a moment.
    #[error("the table is not available: {0}")]
    Unavailable(String),
    /// A caller's Idempotency-Key came with another request before.
    #[error("the Idempotency-Key was used with another request")]
    KeyReused,
    /// Anything else: a missing table, a missing permission, an item that cannot be read.
    #[error("the table failed: {0}")]
    Failed(String),
}

/// Codes of a passing condition, as a service error or as the reason of a cancelled transaction:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const TRANSIENT: [&str; 9] = [
    "InternalServerError",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingError",
    "ThrottlingException",
    "TransactionConflict",
    "TransactionInProgressException",
];

impl<E> From<SdkError<E>> for StoreError
where
    E: std::error::Error + ProvideErrorMetadata + Transient + 'static,
{
    fn from(error: SdkError<E>) -> Self {
        let unavailable = match &error {
            SdkError::ServiceError(context) => {
                context.raw().status().is_server_error() || context.err().is_transient()
            }
            SdkError::ConstructionFailure(_) => false,
            _ => true,
        };
        let text = DisplayErrorContext(&error).to_string();
        if unavailable { Self::Unavailable(text) } else { Self::Failed(text) }
    }
}

/// Tells a passing condition from a lasting one.
pub(crate) trait Transient {
    fn is_transient(&self) -> bool;
}

fn is_transient_code(error: &impl ProvideErrorMetadata) -> bool {
    error.code().is_some_and(|code| TRANSIENT.contains(&code))
}

macro_rules! transient_by_code {
    ($($error:ty),*) => {
        $(impl Transient for $error {
            fn is_transient(&self) -> bool {
                is_transient_code(self)
            }
        })*
    };
}

transient_by_code!(
    aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemError,
    aws_sdk_dynamodb::operation::delete_item::DeleteItemError,
    aws_sdk_dynamodb::operation::get_item::GetItemError,
    aws_sdk_dynamodb::operation::put_item::PutItemError,
    aws_sdk_dynamodb::operation::query::QueryError,
    aws_sdk_dynamodb::operation::scan::ScanError,
    aws_sdk_dynamodb::operation::update_item::UpdateItemError
);

/// Whether another transaction or write on the same items was under way.
pub(crate) fn is_conflict(error: &SdkError<TransactWriteItemsError>) -> bool {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons().iter().any(|reason| reason.code() == Some("TransactionConflict"))
        }
        Some(error) => error.code() == Some("TransactionConflictException"),
        None => false,
    }
}

impl Transient for TransactWriteItemsError {
    /// A cancelled transaction tells its cause item by item.
    fn is_transient(&self) -> bool {
        match self {
            Self::TransactionCanceledException(cancelled) => cancelled
                .cancellation_reasons()
                .iter()
                .any(|reason| reason.code().is_some_and(|code| TRANSIENT.contains(&code))),
            error => is_transient_code(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_dynamodb::types::{CancellationReason, error::TransactionCanceledException};

    #[test]
    fn a_cancelled_transaction_is_transient_for_its_reasons() {
        let cancelled = |code: &str| {
            let reason = CancellationReason::builder().code(code).build();
            TransactWriteItemsError::TransactionCanceledException(
                TransactionCanceledException::builder().cancellation_reasons(reason).build(),
            )
        };
        assert!(cancelled("TransactionConflict").is_transient());
        assert!(cancelled("ThrottlingError").is_transient());
        assert!(!cancelled("ConditionalCheckFailed").is_transient());
    }
}
