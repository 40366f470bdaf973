//! Several conditional writes, all of them or none.

use std::time::Duration;

use aws_sdk_dynamodb::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    operation::transact_write_items::TransactWriteItemsError,
    types::{CancellationReason, TransactWriteItem},
};

use crate::{
    error::StoreError,
    table::{Item, Table},
};

/// The most items of one transaction:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html>
pub(crate) const MAX_ITEMS: usize = 100;

/// The waits before the retries of a transaction that conflicts with another one on the same items, on average. DynamoDB
/// accepts at least one of the transactions that conflict.
const CONFLICT_DELAYS_MS: [u64; 6] = [10, 20, 40, 80, 160, 320];

/// Sends the writes of a transaction in one request.
pub(crate) trait WriteTransaction {
    async fn write_transaction(&self, writes: Vec<TransactWriteItem>) -> Result<(), TransactError>;
}

pub(crate) type TransactError = SdkError<TransactWriteItemsError>;

impl WriteTransaction for Client {
    /// The SDK sends a `ClientRequestToken`. If a response is lost, the SDK's retry does not write again.
    async fn write_transaction(&self, writes: Vec<TransactWriteItem>) -> Result<(), TransactError> {
        self.transact_write_items().set_transact_items(Some(writes)).send().await.map(drop)
    }
}

/// The reason why a transaction wrote nothing. `P` names its parts.
#[derive(Debug)]
pub(crate) enum NotWritten<P> {
    /// The condition of this part failed. If several conditions failed, this is the first part of them.
    Refused {
        part: P,
        /// The item that was there before, if the put asks for it. It is empty otherwise.
        existing: Item,
    },
    /// The item of this part would be larger than DynamoDB allows.
    TooLarge { part: P },
    /// Any other failure.
    Failed(StoreError),
}

impl<P> From<NotWritten<P>> for StoreError {
    /// The error of a transaction whose conditions are not expected to fail.
    fn from(not_written: NotWritten<P>) -> Self {
        match not_written {
            NotWritten::Refused { .. } => Self::Failed("a condition of a transaction failed".to_owned()),
            NotWritten::TooLarge { .. } => Self::InvalidItem("it would be too large".to_owned()),
            NotWritten::Failed(error) => error,
        }
    }
}

impl Table {
    /// Writes all parts or none.
    pub(crate) async fn transact<P: Copy>(
        &self,
        writes: Vec<(P, TransactWriteItem)>,
    ) -> Result<(), NotWritten<P>> {
        transact(&*self.client, writes).await
    }
}

/// Writes all parts or none. A transaction that conflicts with another one is retried, unless one of its own
/// conditions failed.
async fn transact<P: Copy>(
    client: &impl WriteTransaction,
    writes: Vec<(P, TransactWriteItem)>,
) -> Result<(), NotWritten<P>> {
    let (parts, writes): (Vec<_>, Vec<_>) = writes.into_iter().unzip();
    let mut delays = CONFLICT_DELAYS_MS.into_iter();
    loop {
        let Err(error) = client.write_transaction(writes.clone()).await else { return Ok(()) };
        let mut reasons = parts.iter().zip(reasons(&error));
        if let Some((part, reason)) = reasons.find(|(_, reason)| is_failed_condition(reason)) {
            let existing = reason.item().cloned().unwrap_or_default();
            return Err(NotWritten::Refused { part: *part, existing });
        }
        if let Some((part, _)) =
            parts.iter().zip(self::reasons(&error)).find(|(_, reason)| is_too_large(reason))
        {
            return Err(NotWritten::TooLarge { part: *part });
        }
        match delays.next().filter(|_| is_conflict(&error)) {
            Some(delay_ms) => tokio::time::sleep(around(Duration::from_millis(delay_ms))).await,
            None => return Err(NotWritten::Failed(error.into())),
        }
    }
}

/// A random time around this one. Transactions that conflicted would conflict again if all waited for the same time: a
/// condition on a group is an item that the completions of all artifacts have in common.
fn around(delay: Duration) -> Duration {
    delay.mul_f64(0.5 + fastrand::f64())
}

fn is_failed_condition(reason: &CancellationReason) -> bool {
    reason.code() == Some("ConditionalCheckFailed")
}

/// Whether an update would make its item larger than 400 KB. DynamoDB says so in the message alone.
fn is_too_large(reason: &CancellationReason) -> bool {
    reason.code() == Some("ValidationError") && reason.message().is_some_and(is_about_size)
}

/// Whether the message of a validation error is about the size of an item:
/// <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html#limits-items>
pub(crate) fn is_about_size(message: &str) -> bool {
    message.to_ascii_lowercase().contains("item size")
}

/// Whether another transaction or write on the same items was in progress.
fn is_conflict(error: &TransactError) -> bool {
    reasons(error).iter().any(|reason| reason.code() == Some("TransactionConflict"))
        || error.as_service_error().and_then(ProvideErrorMetadata::code)
            == Some("TransactionConflictException")
}

/// The reasons of a cancelled transaction, one for each write.
fn reasons(error: &TransactError) -> &[CancellationReason] {
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => {
            cancelled.cancellation_reasons()
        }
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use std::{
        cell::{Cell, RefCell},
        collections::VecDeque,
    };

    use aws_sdk_dynamodb::{
        config::http::HttpResponse,
        types::{AttributeValue, error::TransactionCanceledException},
    };

    use super::*;
    use crate::condition::Condition;

    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Part {
        First,
        Second,
    }

    /// A table that fails the first requests with these errors.
    struct Scripted {
        errors: RefCell<VecDeque<TransactError>>,
        requests: Cell<usize>,
    }

    impl WriteTransaction for Scripted {
        async fn write_transaction(&self, writes: Vec<TransactWriteItem>) -> Result<(), TransactError> {
            assert_eq!(writes.len(), 2);
            self.requests.set(self.requests.get() + 1);
            self.errors.borrow_mut().pop_front().map_or(Ok(()), Err)
        }
    }

    fn cancelled(reasons: [CancellationReason; 2]) -> TransactError {
        let cancelled =
            TransactionCanceledException::builder().set_cancellation_reasons(Some(reasons.into()));
        SdkError::service_error(
            TransactWriteItemsError::TransactionCanceledException(cancelled.build()),
            HttpResponse::new(400.try_into().unwrap(), "".into()),
        )
    }

    fn reason(code: &str) -> CancellationReason {
        CancellationReason::builder().code(code).build()
    }

    /// Returns the result and the number of requests.
    async fn run(errors: impl IntoIterator<Item = TransactError>) -> (Result<(), NotWritten<Part>>, usize) {
        let table = Scripted { errors: RefCell::new(errors.into_iter().collect()), requests: Cell::new(0) };
        let write = || Condition::is_new().put("table", Item::new()).unwrap();
        let result = transact(&table, vec![(Part::First, write()), (Part::Second, write())]).await;
        (result, table.requests.get())
    }

    #[tokio::test(start_paused = true)]
    async fn a_transaction_that_conflicts_with_another_is_retried_until_it_is_written() {
        let conflict = || cancelled([reason("None"), reason("TransactionConflict")]);
        let (result, requests) = run([conflict(), conflict()]).await;
        assert!(result.is_ok() && requests == 3, "{result:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_number_of_retries_is_limited() {
        let conflicts = (0..20).map(|_| cancelled([reason("None"), reason("TransactionConflict")]));
        let (result, requests) = run(conflicts).await;
        assert!(matches!(result, Err(NotWritten::Failed(StoreError::Unavailable(_)))), "{result:?}");
        assert_eq!(requests, 1 + CONFLICT_DELAYS_MS.len());
    }

    /// A table on which a transaction takes some time, and conflicts with one under way.
    #[derive(Default)]
    struct Busy {
        is_under_way: Cell<bool>,
    }

    impl WriteTransaction for Busy {
        async fn write_transaction(&self, _: Vec<TransactWriteItem>) -> Result<(), TransactError> {
            if self.is_under_way.replace(true) {
                tokio::time::sleep(Duration::from_millis(5)).await;
                return Err(cancelled([reason("TransactionConflict"), reason("None")]));
            }
            tokio::time::sleep(Duration::from_millis(8)).await;
            self.is_under_way.set(false);
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn transactions_that_begin_at_the_same_time_are_all_written() {
        let table = Busy::default();
        let write = || Condition::is_new().put("table", Item::new()).unwrap();
        let writes = || vec![(Part::First, write()), (Part::Second, write())];
        // As many as the indexer commits at once, in several batches.
        for _ in 0..20 {
            let results = futures_util::future::join_all((0..16).map(|_| transact(&table, writes()))).await;
            let failed = results.iter().filter(|result| result.is_err()).count();
            assert_eq!(failed, 0);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_failed_condition_names_its_part_and_the_item_and_is_not_retried() {
        let existing: Item = [("pk".to_owned(), AttributeValue::S("a".to_owned()))].into();
        let refused = CancellationReason::builder()
            .code("ConditionalCheckFailed")
            .set_item(Some(existing.clone()))
            .build();
        // The conflict of another part does not matter, since the condition would fail again.
        let (result, requests) = run([cancelled([reason("TransactionConflict"), refused])]).await;
        let Err(NotWritten::Refused { part: Part::Second, existing: found }) = result else {
            panic!("{result:?}")
        };
        assert_eq!((found, requests), (existing, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn other_failures_are_not_retried() {
        let (result, requests) = run([cancelled([reason("ValidationError"), reason("None")])]).await;
        assert!(matches!(result, Err(NotWritten::Failed(StoreError::Failed(_)))), "{result:?}");
        assert_eq!(requests, 1);
        let (result, _) = run([SdkError::timeout_error("the network")]).await;
        assert!(matches!(result, Err(NotWritten::Failed(StoreError::Unavailable(_)))), "{result:?}");
    }
}
