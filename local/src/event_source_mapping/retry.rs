//! Decides about a batch after an invocation. It does no I/O.

use super::Mapping;

/// A batch, and its number of retries.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Batch<R> {
    pub(crate) records: Vec<R>,
    pub(crate) retries: u32,
}

/// The result of an invocation.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The function accepted all records.
    Accepted,
    /// The function accepted the records before this index.
    FailedAt(usize),
    /// An error, a timeout or a dead process. It is unknown which records the function accepted.
    Failed,
}

/// The next step.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Next<R> {
    /// The number of accepted records, counted from the batch's start.
    pub(crate) accepted: usize,
    /// The batches to deliver again, in this order.
    pub(crate) again: Vec<Batch<R>>,
    /// Whether to wait before that. The halves of a batch are delivered at once.
    pub(crate) wait: bool,
    /// The records that had all their retries.
    pub(crate) given_up: Vec<R>,
}

impl<R> Batch<R> {
    pub(crate) fn new(records: Vec<R>) -> Self {
        Self { records, retries: 0 }
    }

    pub(crate) fn after(mut self, outcome: &Outcome, mapping: &Mapping) -> Next<R> {
        let accepted = match outcome {
            Outcome::Accepted => self.records.len(),
            Outcome::FailedAt(index) => (*index).min(self.records.len()),
            Outcome::Failed => 0,
        };
        let rest = self.records.split_off(accepted);
        let none = Next { accepted, again: Vec::new(), wait: false, given_up: Vec::new() };
        if rest.is_empty() {
            return none;
        }
        if matches!(outcome, Outcome::Failed) && mapping.bisect_on_function_error && rest.len() > 1 {
            return Next { again: halves(rest, self.retries), ..none };
        }
        // After progress the count starts again, since another record fails now.
        let retries = if accepted > 0 { 1 } else { self.retries.saturating_add(1) };
        if mapping.maximum_retry_attempts.is_some_and(|most| retries > most) {
            return Next { given_up: rest, ..none };
        }
        Next { again: vec![Self { records: rest, retries }], wait: true, ..none }
    }
}

/// A split does not count as a retry.
fn halves<R>(mut records: Vec<R>, retries: u32) -> Vec<Batch<R>> {
    let second = records.split_off(records.len() / 2);
    vec![Batch { records, retries }, Batch { records: second, retries }]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event_source_mapping::fakes;

    fn mapping(bisect_on_function_error: bool) -> Mapping {
        Mapping { bisect_on_function_error, maximum_retry_attempts: Some(2), ..fakes::mapping() }
    }

    fn batch(records: &[u8], retries: u32) -> Batch<u8> {
        Batch { records: records.to_vec(), retries }
    }

    #[test]
    fn a_partial_failure_continues_at_the_failed_record() {
        let next = batch(&[1, 2, 3], 2).after(&Outcome::FailedAt(1), &mapping(true));
        assert_eq!(next, Next { accepted: 1, again: vec![batch(&[2, 3], 1)], wait: true, given_up: vec![] });
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
            assert_eq!(next, Next { accepted: 0, again: vec![], wait: false, given_up: vec![1, 2] });
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
    fn an_accepted_batch_needs_no_next_step() {
        let next = Batch::new(vec![1, 2]).after(&Outcome::Accepted, &mapping(true));
        assert_eq!(next, Next { accepted: 2, again: vec![], wait: false, given_up: vec![] });
    }
}
