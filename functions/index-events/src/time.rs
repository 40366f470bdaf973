//! The time that an invocation has for a batch.

use std::time::{Duration, SystemTime};

/// The time that an invocation has after the last record, for the lag and the response. So a batch that takes too long
/// ends with the records that are done, instead of beginning again as a whole.
const MARGIN: Duration = Duration::from_secs(5);

/// `cargo lambda watch` sends a deadline in the past. It is less than the timeout of template.yaml.
const WITHOUT_DEADLINE: Duration = Duration::from_secs(50);

/// How long an invocation with this deadline may index records.
pub(crate) fn time_left(deadline: SystemTime) -> Duration {
    match deadline.duration_since(SystemTime::now()) {
        Ok(left) => left.saturating_sub(MARGIN),
        Err(_) => WITHOUT_DEADLINE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_after_the_last_record_keeps_its_time() {
        let in_seconds = |seconds| time_left(SystemTime::now() + Duration::from_secs(seconds)).as_secs_f64();
        assert!((54.0..=55.0).contains(&in_seconds(60)));
        assert_eq!(in_seconds(4), 0.0);
        assert_eq!(time_left(SystemTime::UNIX_EPOCH), WITHOUT_DEADLINE);
    }
}
