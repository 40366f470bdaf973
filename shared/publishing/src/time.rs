//! How long an invocation may wait for Kafka.

use std::time::{Duration, SystemTime};

use xzepr_kafka::MESSAGE_TIMEOUT;

/// The time that an invocation has after the last delivery report. It needs this time to purge messages, to find the
/// cause of a failure, to write dead letters and to respond.
const MARGIN: Duration = Duration::from_secs(10);

/// How long an invocation with this deadline may wait for delivery reports. `cargo lambda watch` sends a deadline in
/// the past. Then the timeout of the messages limits the wait.
pub fn time_left(deadline: SystemTime) -> Duration {
    time_left_or(deadline, MESSAGE_TIMEOUT + MARGIN)
}

/// The same, with another time for a deadline in the past.
pub fn time_left_or(deadline: SystemTime, without_deadline: Duration) -> Duration {
    match deadline.duration_since(SystemTime::now()) {
        Ok(left) => left.saturating_sub(MARGIN),
        Err(_) => without_deadline,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_work_after_the_last_delivery_report_keeps_its_time() {
        let in_seconds = |seconds| time_left(SystemTime::now() + Duration::from_secs(seconds)).as_secs_f64();
        assert!((49.0..=50.0).contains(&in_seconds(60)));
        assert!((0.0..=1.0).contains(&in_seconds(11)));
        assert_eq!(in_seconds(9), 0.0);
        assert_eq!(time_left(SystemTime::UNIX_EPOCH), MESSAGE_TIMEOUT + MARGIN);
    }
}
