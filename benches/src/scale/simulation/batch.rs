//! The batches of a shard, and the rules for the next one after a failure.

use std::collections::VecDeque;

use super::arrivals::Run;
use crate::scale::template::Mapping;

/// The records of one invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Batch {
    pub(super) runs: VecDeque<Run>,
    pub(super) records: u64,
    pub(super) retries: u64,
}

/// The end of an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All records are done.
    Accepted,
    /// The function names its first record as the first that failed.
    FailedAtFirst,
    /// The function ends in an error.
    Error,
}

/// The batches that follow, in their order.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Next {
    pub(super) again: Vec<Batch>,
    pub(super) waits: bool,
    pub(super) given_up: Option<Batch>,
}

impl Batch {
    /// Takes up to `most` records from the front of a queue.
    pub(super) fn take(queue: &mut VecDeque<Run>, most: u64) -> Self {
        let mut batch = Self { runs: VecDeque::new(), records: 0, retries: 0 };
        while batch.records < most
            && let Some(run) = queue.front_mut()
        {
            let count = run.count.min(most - batch.records);
            batch.records += count;
            batch.runs.push_back(Run { count, ..*run });
            (run.first, run.count) = (run.first + count, run.count - count);
            if run.count == 0 {
                queue.pop_front();
            }
        }
        batch
    }

    /// The records that came before this time, and removes them.
    pub(super) fn take_before(&mut self, time: u64) -> u64 {
        let mut taken = 0;
        while let Some(run) = self.runs.front().filter(|run| run.arrived < time) {
            taken += run.count;
            self.runs.pop_front();
        }
        self.records -= taken;
        taken
    }

    /// A split does not count as a retry.
    fn halves(mut self) -> [Self; 2] {
        let (records, retries) = (self.records / 2, self.retries);
        let first = Self { retries, ..Self::take(&mut self.runs, records) };
        [first, Self { records: self.records - records, ..self }]
    }

    /// The rules of <https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-errors.html>.
    pub(super) fn after(self, outcome: Outcome, mapping: &Mapping) -> Next {
        let next = Next { again: Vec::new(), waits: false, given_up: None };
        if outcome == Outcome::Accepted {
            return next;
        }
        if outcome == Outcome::Error && mapping.bisect && self.records > 1 {
            return Next { again: self.halves().into(), ..next };
        }
        let retries = self.retries + 1;
        if mapping.retries.is_some_and(|most| retries > most) {
            return Next { given_up: Some(self), ..next };
        }
        Next { again: vec![Self { retries, ..self }], waits: true, ..next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue() -> VecDeque<Run> {
        [Run { first: 0, count: 3, arrived: 1 }, Run { first: 3, count: 2, arrived: 2 }].into()
    }

    fn mapping(retries: Option<u64>) -> Mapping {
        let bisect = true;
        Mapping { batch_size: 4, window_s: 0, parallelization_factor: 1, bisect, retries, record_age_s: 60 }
    }

    #[test]
    fn a_batch_takes_the_oldest_records_and_splits_in_their_order() {
        let mut queue = queue();
        let batch = Batch::take(&mut queue, 4);
        assert_eq!((batch.records, queue.front().map(|run| run.first)), (4, Some(4)));
        let halves = batch.after(Outcome::Error, &mapping(None)).again;
        let first: Vec<_> = halves.iter().map(|half| (half.runs[0].first, half.records)).collect();
        assert_eq!(first, [(0, 2), (2, 2)]);
    }

    #[test]
    fn a_batch_is_given_up_after_its_retries_and_one_record_is_not_split() {
        let one = Batch::take(&mut queue(), 1);
        let next = one.clone().after(Outcome::Error, &mapping(Some(1)));
        assert_eq!((next.again[0].retries, next.waits), (1, true));
        let next = next.again[0].clone().after(Outcome::FailedAtFirst, &mapping(Some(1)));
        assert_eq!(next.given_up.map(|batch| batch.records), Some(1));
        assert!(one.after(Outcome::Accepted, &mapping(None)).again.is_empty());
    }

    #[test]
    fn old_records_leave_a_batch() {
        let mut batch = Batch::take(&mut queue(), 5);
        assert_eq!((batch.take_before(2), batch.records, batch.runs.len()), (3, 2, 1));
    }
}
