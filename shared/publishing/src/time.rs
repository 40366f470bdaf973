//! How long an invocation may wait for Kafka.

use std::time::{Duration, SystemTime};

use xzepr_kafka::MESSAGE_TIMEOUT;

/// Time kept after the last delivery report: to purge, to learn why, to write dead letters, and to answer.
const MARGIN: Duration = Duration::from_secs(10);

/// The time that an invocation with this deadline has for delivery reports. `cargo lambda watch` gives a
/// deadline in the past; then the messages' own timeout bounds the wait.
pub fn time_left(deadline: SystemTime) -> Duration {
    match deadline.duration_since(SystemTime::now()) {
        Ok(left) => left.saturating_sub(MARGIN),
        Err(_) => MESSAGE_TIMEOUT + MARGIN,
    }
}
