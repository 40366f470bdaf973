//! Records that need no further attempt although their batch will be delivered again.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use xzepr_domain::{EventId, ReplayId};
use xzepr_settings::RouteName;

/// How long a record is remembered after the last failure of its batch. The mapping's own waits between retries are far
/// shorter.
const KEPT: Duration = Duration::from_secs(60 * 60);

/// The most records. An entry takes less than 100 bytes.
const MAX_RECORDS: usize = 30_000;

/// The parts that distinguish a record from all others: its event, its route, and the replay that sends it.
pub(crate) type RecordId = (EventId, RouteName, Option<ReplayId>);

/// How a record was settled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Settlement {
    /// It is on its topic.
    Acknowledged,
    /// It is a dead letter.
    DeadLettered,
}

/// The settled records of partly failed batches. A retry does not send them again. One process gets the batches of
/// several shards in turn, so the success of one shard's batch must not forget the records of another's.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    /// Each record's settlement, and the time of its batch's last failure.
    records: HashMap<RecordId, (Settlement, Instant)>,
}

impl Settled {
    pub(crate) fn get(&self, record: &RecordId) -> Option<Settlement> {
        self.records.get(record).map(|(settlement, _)| *settlement)
    }

    /// Remembers the settled records of a failed batch. If there are too many, the oldest are forgotten.
    pub(crate) fn remember(&mut self, records: impl Iterator<Item = (RecordId, Settlement)>, now: Instant) {
        self.records.extend(records.map(|(record, settlement)| (record, (settlement, now))));
        self.records.retain(|_, (_, failed_at)| now.duration_since(*failed_at) < KEPT);
        if self.records.len() > MAX_RECORDS {
            let mut times: Vec<_> = self.records.values().map(|(_, failed_at)| *failed_at).collect();
            times.sort_unstable();
            // The records of one batch have the same time, and are forgotten together.
            let last_forgotten = times[times.len() - MAX_RECORDS - 1];
            self.records.retain(|_, (_, failed_at)| *failed_at > last_forgotten);
        }
    }

    /// Forgets a batch that will not be delivered again.
    pub(crate) fn forget(&mut self, records: impl Iterator<Item = RecordId>) {
        for record in records {
            self.records.remove(&record);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batch(count: usize) -> Vec<RecordId> {
        (0..count).map(|_| (EventId::generate(), RouteName::default(), None)).collect()
    }

    fn acknowledged(batch: &[RecordId]) -> impl Iterator<Item = (RecordId, Settlement)> {
        batch.iter().map(|record| (record.clone(), Settlement::Acknowledged))
    }

    #[test]
    fn the_success_of_another_shards_batch_forgets_no_record() {
        let mut settled = Settled::default();
        let (first, second) = (batch(3), batch(3));
        let now = Instant::now();
        settled.remember(acknowledged(&first), now);
        settled.remember(acknowledged(&second), now);
        settled.forget(second.iter().cloned());
        assert!(first.iter().all(|record| settled.get(record) == Some(Settlement::Acknowledged)));
        assert!(!second.iter().any(|record| settled.get(record).is_some()));
        settled.forget(first.into_iter());
        assert!(settled.records.is_empty());
    }

    #[test]
    fn the_records_of_an_event_differ_by_route_and_by_replay() {
        let mut settled = Settled::default();
        let [record] = &batch(1)[..] else { panic!("one") };
        settled.remember([(record.clone(), Settlement::DeadLettered)].into_iter(), Instant::now());
        assert_eq!(settled.get(record), Some(Settlement::DeadLettered));
        assert_eq!(settled.get(&(record.0, "other".parse().unwrap(), None)), None);
        assert_eq!(settled.get(&(record.0, record.1.clone(), Some(ReplayId::generate()))), None);
    }

    #[test]
    fn the_oldest_records_are_forgotten_when_there_are_too_many() {
        let mut settled = Settled::default();
        let (start, oldest) = (Instant::now(), batch(500));
        settled.remember(acknowledged(&oldest), start);
        for number in 1..100_u64 {
            let batch = batch(500);
            settled.remember(acknowledged(&batch), start + Duration::from_secs(number));
            assert!(settled.records.len() <= MAX_RECORDS);
            assert!(batch.iter().all(|record| settled.get(record).is_some()));
        }
        assert!(settled.get(&oldest[0]).is_none());
        assert_eq!(settled.records.len(), MAX_RECORDS);
    }

    #[test]
    fn a_record_that_no_batch_has_contained_for_an_hour_is_forgotten() {
        let mut settled = Settled::default();
        let start = Instant::now();
        let (old, again) = (batch(1), batch(1));
        settled.remember(acknowledged(&old).chain(acknowledged(&again)), start);
        settled.remember(acknowledged(&again), start + KEPT / 2);
        settled.remember(acknowledged(&batch(1)), start + KEPT);
        assert!(settled.get(&old[0]).is_none() && settled.get(&again[0]).is_some());
    }
}
