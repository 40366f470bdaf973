//! The delivery reports of a client's messages.
//!
//! librdkafka hands the number of a message back with its report. So a report costs no allocation, and only the last one
//! wakes the sender. A future for each message would cost a fifth of the time that librdkafka itself needs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use rdkafka::{
    ClientContext,
    config::RDKafkaLogLevel,
    error::KafkaError,
    producer::{DeliveryResult, ProducerContext},
};
use tokio::sync::Notify;

use crate::{connection_context::ConnectionContext, undelivered::Undelivered};

/// The result of a message.
pub(crate) type Report = Result<(), Undelivered>;

/// The context of a producer client: the state of its connections, and the reports of its messages.
pub(crate) struct ProducingContext {
    connection: ConnectionContext,
    reports: Reports,
}

impl ProducingContext {
    pub(crate) fn new(connection: ConnectionContext) -> Self {
        Self { connection, reports: Reports::default() }
    }

    pub(crate) fn reports(&self) -> &Reports {
        &self.reports
    }
}

impl ClientContext for ProducingContext {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, line: &str) {
        self.connection.log(level, facility, line);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.connection.error(error, reason);
    }
}

impl ProducerContext for ProducingContext {
    /// The number of a message.
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, number: usize) {
        let report = match result {
            Ok(_) => Ok(()),
            Err((error, _)) => Err(Undelivered::Failed(error.clone())),
        };
        self.reports.add(number, report);
    }
}

/// The reports of the messages that are sent together. A client has one such batch at a time.
#[derive(Default)]
pub(crate) struct Reports {
    batch: Mutex<Batch>,
    complete: Notify,
}

#[derive(Default)]
struct Batch {
    /// The number of the first message. No two messages of a client have the same number.
    first: usize,
    reports: Vec<Option<Report>>,
    missing: usize,
}

impl Reports {
    /// Begins a batch of this many messages. Returns the number of the first one. The others have the numbers after it.
    pub(crate) fn begin(&self, count: usize) -> usize {
        let mut batch = self.batch();
        let first = batch.first.wrapping_add(batch.reports.len());
        *batch = Batch { first, reports: vec![None; count], missing: count };
        first
    }

    /// Adds a message's report. A report of an earlier batch is ignored, as is a second one.
    pub(crate) fn add(&self, number: usize, report: Report) {
        let mut batch = self.batch();
        let index = number.wrapping_sub(batch.first);
        if let Some(place @ None) = batch.reports.get_mut(index) {
            *place = Some(report);
            batch.missing -= 1;
            if batch.missing == 0 {
                self.complete.notify_one();
            }
        }
    }

    /// Waits until each message of the batch has its report.
    pub(crate) async fn all(&self) {
        while self.batch().missing > 0 {
            self.complete.notified().await;
        }
    }

    /// Ends the batch. Returns the reports in the order of the messages; `None` for a message that has none.
    pub(crate) fn end(&self) -> Vec<Option<Report>> {
        let mut batch = self.batch();
        let next = batch.first.wrapping_add(batch.reports.len());
        let ended = std::mem::replace(&mut *batch, Batch { first: next, ..Batch::default() });
        ended.reports
    }

    fn batch(&self) -> MutexGuard<'_, Batch> {
        // Each change of a batch is whole, even if a thread panics.
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rdkafka::types::RDKafkaErrorCode;
    use tokio::time::timeout;

    use super::*;

    async fn is_complete(reports: &Reports) -> bool {
        timeout(Duration::from_millis(1), reports.all()).await.is_ok()
    }

    fn failed() -> Report {
        Err(Undelivered::Failed(KafkaError::MessageProduction(RDKafkaErrorCode::MessageTimedOut)))
    }

    #[tokio::test]
    async fn each_report_is_the_one_of_its_message_in_any_order() {
        let reports = Reports::default();
        let first = reports.begin(3);
        reports.add(first + 2, Ok(()));
        reports.add(first, failed());
        assert!(!is_complete(&reports).await);
        reports.add(first + 1, Ok(()));
        assert!(is_complete(&reports).await);
        let ended = reports.end();
        assert!(matches!(&ended[..], [Some(Err(Undelivered::Failed(_))), Some(Ok(())), Some(Ok(()))]));
    }

    #[tokio::test]
    async fn a_message_without_a_report_is_told_from_the_others() {
        let reports = Reports::default();
        let first = reports.begin(2);
        reports.add(first + 1, Ok(()));
        assert!(matches!(&reports.end()[..], [None, Some(Ok(()))]));
    }

    #[tokio::test]
    async fn a_late_report_of_an_earlier_batch_is_no_report_of_a_later_one() {
        let reports = Reports::default();
        let earlier = reports.begin(2);
        reports.end();
        reports.add(earlier, Ok(()));
        let later = reports.begin(2);
        for number in [earlier, earlier + 1, later, later] {
            reports.add(number, Ok(()));
        }
        assert!(!is_complete(&reports).await, "a second report of a message counts once");
        reports.add(later + 1, failed());
        assert!(is_complete(&reports).await);
        assert!(matches!(&reports.end()[..], [Some(Ok(())), Some(Err(_))]));
    }

    #[tokio::test]
    async fn the_last_report_wakes_the_sender_and_an_earlier_wake_does_no_harm() {
        let reports = Reports::default();
        let first = reports.begin(1);
        // Nobody waits, so the wake is kept.
        reports.add(first, Ok(()));
        let first = reports.begin(1);
        assert!(!is_complete(&reports).await);
        let (sent, ()) = tokio::join!(timeout(Duration::from_secs(5), reports.all()), async {
            tokio::task::yield_now().await;
            reports.add(first, Ok(()));
        });
        assert!(sent.is_ok());
        assert!({
            reports.begin(0);
            is_complete(&reports).await
        });
    }
}
