//! The log lines and the metrics of publications.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use xzepr_kafka::Undelivered;
use xzepr_messages::Message;
use xzepr_telemetry::metrics::{
    Metric,
    definitions::{
        ACCEPTANCE_TO_ACKNOWLEDGEMENT, EVENT_PUBLISH_DURATION, EVENTS_DEAD_LETTERED, EVENTS_PUBLISHED,
        EVENTS_SKIPPED, EVENTS_UNROUTED, KAFKA_CONNECTION_STATUS, PUBLISH_FAILURES,
    },
    record,
};

use super::is_of_dead_letter;
use crate::{outcome::Outcome, publication::Publication, record::Record, settled::Settlement};

/// Which publications have a record that this call has tried. Those that were settled before were counted before.
pub(super) struct Tried(Vec<bool>);

impl Tried {
    pub(super) fn none_of(publications: &[Publication]) -> Self {
        Self(vec![false; publications.len()])
    }

    pub(super) fn add(&mut self, records: &[Record], settled: &[Option<Settlement>]) {
        for (record, settlement) in records.iter().zip(settled) {
            if settlement.is_none() {
                self.0[record.publication] = true;
            }
        }
    }

    /// Records the metrics of publications with these outcomes.
    pub(super) fn record(&self, publications: &[Publication], outcomes: &[Outcome]) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        for metric in self.metrics(publications, outcomes, now) {
            record(metric);
        }
    }

    fn metrics(&self, publications: &[Publication], outcomes: &[Outcome], now: Duration) -> Vec<Metric> {
        let mut lags = Vec::new();
        let (mut published, mut skipped, mut unrouted, mut dead_lettered, mut failed) = (0, 0, 0, 0, 0);
        let mut metrics = Vec::new();
        for ((publication, outcome), is_tried) in publications.iter().zip(outcomes).zip(&self.0) {
            match outcome {
                Outcome::Unrouted => unrouted += 1,
                _ if !is_tried => {}
                Outcome::Skipped => skipped += 1,
                Outcome::Published => {
                    published += 1;
                    lags.extend(lag_ms(publication, now).map(|lag| (lag, 1)));
                }
                Outcome::DeadLettered(_) | Outcome::RoutesDeadLettered => {
                    failed += 1;
                    dead_lettered += usize::from(!is_of_dead_letter(publication));
                }
                Outcome::Failed(failure) => {
                    failed += 1;
                    metrics.push(PUBLISH_FAILURES.labelled([failure.class()], 1));
                }
            }
        }
        metrics.extend([
            EVENTS_PUBLISHED.labelled(["success"], published),
            EVENTS_DEAD_LETTERED.of(dead_lettered),
            EVENTS_SKIPPED.of(skipped),
            EVENTS_UNROUTED.of(unrouted),
        ]);
        // It would need a line of its own.
        if failed > 0 {
            metrics.push(EVENTS_PUBLISHED.labelled(["failure"], failed));
        }
        if !lags.is_empty() {
            metrics.push(ACCEPTANCE_TO_ACKNOWLEDGEMENT.measured(lags));
        }
        metrics
    }
}

/// The milliseconds since the acceptance of an event, for an event that was never published before.
#[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
fn lag_ms(publication: &Publication, now: Duration) -> Option<f64> {
    let accepted =
        publication.event().filter(|_| publication.replay.is_none())?.id.time()?.timestamp_millis();
    let now = i64::try_from(now.as_millis()).ok()?;
    Some((now - accepted).max(0) as f64)
}

/// Records the metrics of one exchange with Kafka. An exchange without messages says nothing.
pub(super) fn record_exchange(publications: usize, took: Duration, deliveries: &[Result<(), Undelivered>]) {
    if deliveries.is_empty() {
        return;
    }
    let count = u64::try_from(publications).unwrap_or(u64::MAX);
    record(EVENT_PUBLISH_DURATION.measured([(took.as_secs_f64(), count)]));
    record_connection(deliveries.iter().map(|delivery| delivery.as_ref().err()));
}

/// Records whether the cluster has answered. `answers` has the error of each request, or `None` for one that succeeded.
pub(super) fn record_connection<'a>(answers: impl IntoIterator<Item = Option<&'a Undelivered>>) {
    record(KAFKA_CONNECTION_STATUS.of(usize::from(has_worked(answers))));
}

/// Whether the cluster has answered at least one request, even with a refusal. Without requests nothing has failed.
fn has_worked<'a>(answers: impl IntoIterator<Item = Option<&'a Undelivered>>) -> bool {
    let mut answers =
        answers.into_iter().map(|error| error.is_none_or(|error| !error.is_without_answer())).peekable();
    answers.peek().is_none() || answers.any(|has_answered| has_answered)
}

/// Logs the messages that are on their topics: one line for each route and topic. A line for each event would cost more
/// than its publication.
pub(super) fn log_published<'a>(
    publications: &[Publication],
    published: impl Iterator<Item = (&'a Record, &'a Message)>,
) {
    let mut lines: BTreeMap<_, Vec<String>> = BTreeMap::new();
    for (record, message) in published {
        let line = lines.entry((record.route.as_deref(), &*message.topic)).or_default();
        line.extend(publications[record.publication].event().map(|event| event.id.to_string()));
    }
    for ((route, topic), ids) in lines {
        tracing::info!(events = ids.len(), event_ids = ids.join(" "), route, topic, "published");
    }
}

#[cfg(test)]
mod tests {
    use xzepr_domain::{EventId, ReplayId};
    use xzepr_fixtures::event;

    use super::*;
    use crate::outcome::Failure;

    /// A time after the acceptance of an event.
    fn after(event: EventId, ms: u64) -> Duration {
        let accepted = u64::try_from(event.time().unwrap().timestamp_millis()).unwrap();
        Duration::from_millis(accepted + ms)
    }

    fn publication() -> Publication {
        let event = event();
        Publication::new(xzepr_store::Key::event(event.id), Ok::<_, String>(event))
    }

    #[test]
    fn each_outcome_is_counted_and_the_lag_is_that_of_events_that_were_never_published_before() {
        let publications = [publication(), publication().replayed_by(ReplayId::generate()), publication()];
        let first = publications[0].event().unwrap().id;
        let failed = Outcome::Failed(Failure::Undelivered(Undelivered::OutOfTime));
        let outcomes = [Outcome::Published, Outcome::Published, failed];
        let metrics = Tried(vec![true; 3]).metrics(&publications, &outcomes, after(first, 40));
        let expected = [
            PUBLISH_FAILURES.labelled(["timeout"], 1),
            EVENTS_PUBLISHED.labelled(["success"], 2),
            EVENTS_DEAD_LETTERED.of(0),
            EVENTS_SKIPPED.of(0),
            EVENTS_UNROUTED.of(0),
            EVENTS_PUBLISHED.labelled(["failure"], 1),
            ACCEPTANCE_TO_ACKNOWLEDGEMENT.measured([(40.0, 1)]),
        ];
        assert_eq!(metrics, expected);
    }

    #[test]
    fn a_publication_that_was_settled_before_is_not_counted_again() {
        let publications = [publication()];
        let metrics = Tried(vec![false]).metrics(&publications, &[Outcome::Published], Duration::ZERO);
        assert_eq!(metrics[0], EVENTS_PUBLISHED.labelled(["success"], 0));
    }

    #[test]
    fn the_connection_works_if_the_cluster_answers_even_with_a_refusal() {
        assert!(has_worked([Some(&Undelivered::OutOfTime), None]));
        assert!(has_worked([Some(&Undelivered::RecordRefused)]));
        assert!(has_worked([]));
        assert!(!has_worked([Some(&Undelivered::NotReady), Some(&Undelivered::OutOfTime)]));
    }
}
