//! Sends the messages of records, and judges the results.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant, SystemTime},
};

use xzepr_kafka::Undelivered;
use xzepr_store::DeadLetterState;

use super::{
    AddDeadLetters, Publisher, SendMessages,
    measure::{log_published, record_exchange},
};
use crate::{
    outcome::{Failure, RecordOutcome},
    permanence::{Topic, is_permanent},
    publication::Publication,
    receivers::ReadReceivers,
    record::{Made, Record},
    schemas::FindSchemaIds,
    settled::Settlement,
};

/// The result of an attempt to publish a record.
pub(super) enum Attempt {
    Ended(RecordOutcome),
    /// It can never be published, for this reason.
    Never(String),
}

impl<P: SendMessages, D: AddDeadLetters, R: ReadReceivers, S: FindSchemaIds> Publisher<P, D, R, S> {
    /// Sends the messages that are not settled, and records the acknowledged ones in the traces of their callers.
    pub(super) async fn send(
        &mut self,
        publications: &[Publication],
        records: &[Record],
        settled: Vec<Option<Settlement>>,
        within: Duration,
    ) -> Vec<Attempt> {
        let is_only = self.messages.only_topic().is_some();
        let mut topics: BTreeMap<&str, Topic> = BTreeMap::new();
        let (mut to_send, mut sent_records) = (Vec::new(), Vec::new());
        for (record, settlement) in records.iter().zip(&settled) {
            let Made::Message(message) = &record.made else { continue };
            let topic = topics.entry(&message.topic).or_insert(Topic { is_only, ..Topic::default() });
            match settlement {
                Some(Settlement::Acknowledged) => topic.accepts_any = true,
                Some(Settlement::DeadLettered) => {}
                None => {
                    to_send.push(message);
                    sent_records.push(record);
                }
            }
        }
        let (started, started_at) = (Instant::now(), SystemTime::now());
        let deliveries = self.producer.send(&to_send, within).await;
        let took = started.elapsed();
        let published = || {
            let sent = sent_records.iter().copied().zip(to_send.iter().copied()).zip(&deliveries);
            sent.filter_map(|(sent, delivery)| delivery.is_ok().then_some(sent))
        };
        if let Some(traces) = &self.traces {
            let of_publications =
                |(record, message): (&Record, _)| (&publications[record.publication], message);
            traces.record(published().map(of_publications), started_at);
        }
        log_published(publications, published());
        sent_records.dedup_by_key(|record| record.publication);
        record_exchange(sent_records.len(), took, &deliveries);
        for (message, delivery) in to_send.iter().zip(&deliveries) {
            if let Some(topic) = topics.get_mut(&*message.topic) {
                topic.sent += 1;
                topic.accepts_any |= delivery.is_ok();
            }
        }
        let mut deliveries = deliveries.into_iter();
        let attempt = |(record, settlement): (&Record, Option<Settlement>)| match (&record.made, settlement) {
            (_, Some(Settlement::Acknowledged)) => Attempt::Ended(RecordOutcome::Published),
            (_, Some(Settlement::DeadLettered)) => {
                let state = DeadLetterState::Waiting;
                Attempt::Ended(RecordOutcome::DeadLettered { state, is_own: false })
            }
            (Made::Message(message), None) => {
                let topic = topics.get(&*message.topic).copied().unwrap_or_default();
                match deliveries.next().unwrap_or(Err(Undelivered::NotReady)) {
                    Ok(()) => Attempt::Ended(RecordOutcome::Published),
                    Err(error) if is_permanent(&error, topic) => Attempt::Never(error.to_string()),
                    Err(error) => {
                        let failure = Failure::Undelivered(error.all_refused(&message.topic));
                        Attempt::Ended(RecordOutcome::Failed(failure))
                    }
                }
            }
            (Made::Nothing, None) => Attempt::Ended(RecordOutcome::Skipped),
            (Made::Never(reason), None) => Attempt::Never(reason.clone()),
            (Made::NotNow(reason), None) => Attempt::Ended(RecordOutcome::Failed(reason.clone().into())),
        };
        records.iter().zip(settled).map(attempt).collect()
    }
}
