//! The errors of DynamoDB requests, and their texts for the log.

use std::error::Error;

use aws_sdk_dynamodb::{
    error::{ProvideErrorMetadata, SdkError},
    operation::{RequestId, transact_write_items::TransactWriteItemsError},
};

/// An error of the table. Its text is for the log, not for a caller.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// DynamoDB throttled the request, did not respond in time, or was unreachable. A retry may succeed.
    #[error("the table is unavailable: {0}")]
    Unavailable(String),
    /// The caller has used the Idempotency-Key with another request before.
    #[error("the Idempotency-Key was used with another request")]
    KeyReused,
    /// An artifact has events of so many receivers that no further one fits into its item.
    #[error("the artifact has events of too many receivers")]
    ArtifactFull,
    /// An item cannot be read, or would be larger than DynamoDB allows. A retry fails too, but requests about other items
    /// do not.
    #[error("the table has an invalid item: {0}")]
    InvalidItem(String),
    /// Any other failure, such as a missing table or a missing permission.
    #[error("the table failed: {0}")]
    Failed(String),
}

/// The codes of temporary failures, in a service error or in the reason of a cancelled transaction:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html>
const TRANSIENT: [&str; 10] = [
    "InternalServerError",
    "ProvisionedThroughputExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ServiceUnavailable",
    "ThrottlingError",
    "ThrottlingException",
    "TransactionConflict",
    "TransactionConflictException",
    "TransactionInProgressException",
];

impl<E> From<SdkError<E>> for StoreError
where
    E: Error + ProvideErrorMetadata + RequestId + Transient + 'static,
{
    fn from(error: SdkError<E>) -> Self {
        let unavailable = match &error {
            SdkError::ServiceError(context) => {
                context.raw().status().is_server_error() || context.err().is_transient()
            }
            SdkError::ConstructionFailure(_) => false,
            _ => true,
        };
        let text = log_text(&error);
        if unavailable { Self::Unavailable(text) } else { Self::Failed(text) }
    }
}

/// The text of a failed request for the log. It never contains the response, since a response can contain items. A
/// failed condition returns the item that it found, and the SDK's own text of an error contains the whole response.
fn log_text<E>(error: &SdkError<E>) -> String
where
    E: Error + ProvideErrorMetadata + RequestId + Transient + 'static,
{
    match error {
        SdkError::ServiceError(context) => {
            let error = context.err();
            let code = error.code().unwrap_or("error without a code");
            let message = error.message().unwrap_or("no message");
            let reasons = error.reasons();
            format!("{code}: {message}{reasons} (status {}{})", context.raw().status(), request_id(error))
        }
        SdkError::ResponseError(context) => {
            format!("the response cannot be read (status {})", context.raw().status())
        }
        SdkError::DispatchFailure(failure) => match failure.as_connector_error() {
            Some(error) => format!("no connection: {}", chain(error)),
            None => "no connection".to_owned(),
        },
        // The causes of these two are in this process, and contain no response.
        SdkError::ConstructionFailure(_) => format!("the request cannot be built: {}", causes(error)),
        SdkError::TimeoutError(_) => format!("no response in time: {}", causes(error)),
        _ => "no response".to_owned(),
    }
}

fn request_id(error: &impl RequestId) -> String {
    error.request_id().map(|id| format!(", request {id}")).unwrap_or_default()
}

fn causes(error: &dyn Error) -> String {
    error.source().map_or_else(|| "no cause given".to_owned(), chain)
}

/// An error and its causes in one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// Distinguishes temporary failures from permanent ones.
pub(crate) trait Transient {
    /// Whether a retry of the same request may succeed.
    fn is_transient(&self) -> bool;

    /// The reasons of a cancelled transaction, one for each write, without the items.
    fn reasons(&self) -> String {
        String::new()
    }
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
    aws_sdk_dynamodb::operation::batch_write_item::BatchWriteItemError,
    aws_sdk_dynamodb::operation::delete_item::DeleteItemError,
    aws_sdk_dynamodb::operation::get_item::GetItemError,
    aws_sdk_dynamodb::operation::put_item::PutItemError,
    aws_sdk_dynamodb::operation::query::QueryError,
    aws_sdk_dynamodb::operation::scan::ScanError,
    aws_sdk_dynamodb::operation::update_item::UpdateItemError
);

impl Transient for TransactWriteItemsError {
    /// A cancelled transaction has a reason for each of its items.
    fn is_transient(&self) -> bool {
        match self {
            Self::TransactionCanceledException(cancelled) => cancelled
                .cancellation_reasons()
                .iter()
                .any(|reason| reason.code().is_some_and(|code| TRANSIENT.contains(&code))),
            error => is_transient_code(error),
        }
    }

    fn reasons(&self) -> String {
        let Self::TransactionCanceledException(cancelled) = self else { return String::new() };
        let reasons = cancelled.cancellation_reasons().iter();
        let reasons: Vec<_> = reasons
            .map(|reason| match (reason.code().unwrap_or_default(), reason.message()) {
                (code, Some(message)) => format!("{code} ({message})"),
                (code, None) => code.to_owned(),
            })
            .collect();
        format!(" [{}]", reasons.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::{
        Client, Config,
        config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
        operation::put_item::PutItemError,
        types::{
            AttributeValue, CancellationReason,
            error::{ConditionalCheckFailedException, TransactionCanceledException},
        },
    };

    use super::*;

    #[test]
    fn a_cancelled_transaction_is_transient_if_one_of_its_reasons_is() {
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

    #[test]
    fn a_write_that_meets_a_transaction_of_its_item_is_transient() {
        let error = PutItemError::generic(metadata("TransactionConflictException"));
        assert!(error.is_transient());
        assert!(!PutItemError::generic(metadata("ResourceNotFoundException")).is_transient());
    }

    const SECRET: &str = "of the payload";

    /// A response of DynamoDB that contains an item.
    fn response(body: &str) -> aws_sdk_dynamodb::config::http::HttpResponse {
        let mut response = aws_sdk_dynamodb::config::http::HttpResponse::new(
            400.try_into().unwrap(),
            format!(r#"{{"Item":{{"payload":{{"S":"{SECRET}"}}}},"__type":"{body}"}}"#).into(),
        );
        response.headers_mut().insert("x-amzn-requestid", "REQUEST");
        response
    }

    fn item() -> std::collections::HashMap<String, AttributeValue> {
        [("payload".to_owned(), AttributeValue::S(SECRET.to_owned()))].into()
    }

    fn metadata(code: &str) -> aws_sdk_dynamodb::error::ErrorMetadata {
        let metadata =
            aws_sdk_dynamodb::error::ErrorMetadata::builder().code(code).message("as DynamoDB says");
        metadata.custom("aws_request_id", "REQUEST").build()
    }

    #[test]
    fn the_text_of_an_error_contains_no_item_of_a_response() {
        let failed = ConditionalCheckFailedException::builder()
            .set_item(Some(item()))
            .meta(metadata("ConditionalCheckFailedException"))
            .build();
        let condition: StoreError = SdkError::service_error(
            PutItemError::ConditionalCheckFailedException(failed),
            response("ConditionalCheckFailedException"),
        )
        .into();
        let reason = CancellationReason::builder()
            .code("ConditionalCheckFailed")
            .message("The conditional request failed")
            .set_item(Some(item()))
            .build();
        let cancelled = TransactionCanceledException::builder()
            .cancellation_reasons(reason)
            .meta(metadata("TransactionCanceledException"))
            .build();
        let transaction: StoreError = SdkError::service_error(
            TransactWriteItemsError::TransactionCanceledException(cancelled),
            response("TransactionCanceledException"),
        )
        .into();
        let unreadable: StoreError =
            SdkError::<PutItemError, _>::response_error(SECRET, response("none")).into();
        for (error, expected) in [
            (
                condition,
                "the table failed: ConditionalCheckFailedException: as DynamoDB says (status 400, request REQUEST)",
            ),
            (
                transaction,
                "the table failed: TransactionCanceledException: as DynamoDB says \
                 [ConditionalCheckFailed (The conditional request failed)] (status 400, request REQUEST)",
            ),
            (unreadable, "the table is unavailable: the response cannot be read (status 400)"),
        ] {
            assert_eq!(error.to_string(), expected);
            assert!(!format!("{error:?}").contains(SECRET), "{error:?}");
        }
    }

    #[tokio::test]
    async fn the_error_of_an_unreachable_table_contains_the_cause() {
        let config = Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(Credentials::new("a", "b", None, None, "test"))
            .endpoint_url("http://127.0.0.1:1")
            .retry_config(RetryConfig::disabled())
            .build();
        let error = Client::from_conf(config).get_item().table_name("t").send().await.unwrap_err();
        let text = StoreError::from(error).to_string();
        assert!(text.starts_with("the table is unavailable: no connection: "), "{text}");
        assert!(text.contains("refused"), "{text}");
    }
}
