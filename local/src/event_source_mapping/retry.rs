//! What becomes of a batch after an invocation: pure.

use super::Mapping;

/// A batch on its way, and how often it was tried again.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Batch<R> {
    pub(crate) records: Vec<R>,
    pub(crate) retries: u32,
}

/// How an invocation ended.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// All records were taken.
    Taken,
    /// The records before this index were taken.
    FailedAt(usize),
    /// An error, a timeout or a dead process: nothing is known to be taken.
    Failed,
}

/// What to do next.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Next<R> {
    /// How many records at the batch's start are done with.
    pub(crate) taken: usize,
    /// What is to be delivered, in this order.
    pub(crate) again: Vec<Batch<R>>,
    /// Whether to wait before that: a split batch is tried at once.
    pub(crate) wait: bool,
    /// What has been tried often enough.
    pub(crate) given_up: Vec<R>,
}

impl<R> Batch<R> {
    pub(crate) fn new(records: Vec<R>) -> Self {
        Self { records, retries: 0 }
    }

    pub(crate) fn after(mut self, outcome: &Outcome, mapping: &Mapping) -> Next<R> {
        let taken = match outcome {
            Outcome::Taken => self.records.len(),
            Outcome::FailedAt(index) => (*index).min(self.records.len()),
            Outcome::Failed => 0,
        };
        let rest = self.records.split_off(taken);
        let none = Next { taken, again: Vec::new(), wait: false, given_up: Vec::new() };
        if rest.is_empty() {
            return none;
        }
        if matches!(outcome, Outcome::Failed) && mapping.bisect_on_function_error && rest.len() > 1 {
            return Next { again: halves(rest, self.retries), ..none };
        }
        // Progress starts the count anew: what fails now is another record.
        let retries = if taken > 0 { 1 } else { self.retries.saturating_add(1) };
        if mapping.maximum_retry_attempts.is_some_and(|most| retries > most) {
            return Next { given_up: rest, ..none };
        }
        Next { again: vec![Self { records: rest, retries }], wait: true, ..none }
    }
}

/// To split a batch is no retry.
fn halves<R>(mut records: Vec<R>, retries: u32) -> Vec<Batch<R>> {
    let second = records.split_off(records.len() / 2);
    vec![Batch { records, retries }, Batch { records: second, retries }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn mapping(bisect_on_function_error: bool) -> Mapping {
        Mapping {
            batch_size: 10,
            batching_window: Duration::ZERO,
            bisect_on_function_error,
            maximum_retry_attempts: Some(2),
            maximum_record_age: Duration::from_secs(60),
            report_batch_item_failures: true,
            has_on_failure_queue: true,
            filters: Vec::new(),
        }
    }

    fn batch(records: &[u8], retries: u32) -> Batch<u8> {
        Batch { records: records.to_vec(), retries }
    }

    #[test]
    fn a_partial_failure_goes_on_at_the_failed_record() {
        let next = batch(&[1, 2, 3], 2).after(&Outcome::FailedAt(1), &mapping(true));
        assert_eq!(next, Next { taken: 1, again: vec![batch(&[2, 3], 1)], wait: true, given_up: vec![] });
    }

    #[test]
    fn an_error_splits_the_batch_down_to_one_record() {
        let next = batch(&[1, 2, 3], 1).after(&Outcome::Failed, &mapping(true));
        assert_eq!(next.again, [batch(&[1], 1), batch(&[2, 3], 1)]);
        assert!(!next.wait);
        let next = batch(&[1], 1).after(&Outcome::Failed, &mapping(true));
        assert_eq!(next.again, [batch(&[1], 2)]);
    }

    #[test]
    fn a_batch_is_given_up_after_its_retries() {
        for outcome in [Outcome::Failed, Outcome::FailedAt(0)] {
            let next = batch(&[1, 2], 2).after(&outcome, &mapping(false));
            assert_eq!(next, Next { taken: 0, again: vec![], wait: false, given_up: vec![1, 2] });
        }
    }

    #[test]
    fn without_a_highest_number_of_retries_only_age_ends_them() {
        let mapping = Mapping { maximum_retry_attempts: None, ..mapping(false) };
        for retries in [2, 10_000, u32::MAX] {
            let next = batch(&[1], retries).after(&Outcome::Failed, &mapping);
            assert_eq!((next.again.len(), next.given_up), (1, vec![]), "{retries}");
        }
    }

    #[test]
    fn a_batch_that_was_taken_is_done_with() {
        let next = Batch::new(vec![1, 2]).after(&Outcome::Taken, &mapping(true));
        assert_eq!(next, Next { taken: 2, again: vec![], wait: false, given_up: vec![] });
    }
}
