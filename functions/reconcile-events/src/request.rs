//! The requests of the schedule and of an operator.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use xzepr_domain::{InvalidTimeRange, TimeRange};

/// The range of a scheduled request ended this long ago. While Kafka is slow, an invocation ends within a minute, and
/// the mapping waits for some minutes at most. So an event that is missing after this time does not wait for an
/// ordinary retry.
const SCHEDULED_END: TimeDelta = TimeDelta::hours(2);

/// The length of the range of a scheduled request. Each hour is compared twice, so that a run that is lost or late
/// leaves no event out.
const SCHEDULED_LENGTH: TimeDelta = TimeDelta::minutes(130);

/// The payload of an invocation.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Request {
    /// A request of an operator. Both times are RFC 3339.
    Range { start: String, end: String },
    /// The request of the schedule.
    Scheduled {
        #[serde(rename = "action")]
        _action: ScheduledAction,
    },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ScheduledAction {
    ReconcilePastHour,
}

impl Request {
    pub(crate) fn is_scheduled(&self) -> bool {
        matches!(self, Self::Scheduled { .. })
    }

    /// The range to compare. It must have ended.
    pub(crate) fn range(&self, now: DateTime<Utc>) -> Result<TimeRange, String> {
        let range = match self {
            Self::Range { start, end } => TimeRange::parse(start, end),
            Self::Scheduled { .. } => {
                let end = now - SCHEDULED_END;
                TimeRange::new(end - SCHEDULED_LENGTH, end)
            }
        };
        range
            .and_then(|range| range.readable_at(now))
            .map_err(|error: InvalidTimeRange| format!("{} {error}", error.bound().name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ranges_of_the_schedule_leave_no_gap_and_have_ended() {
        let request: Request = serde_json::from_str(r#"{"action": "reconcile-past-hour"}"#).unwrap();
        assert!(request.is_scheduled());
        let first: DateTime<Utc> = "2024-01-15T10:30:00Z".parse().unwrap();
        let [one, next] =
            [TimeDelta::zero(), TimeDelta::minutes(124)].map(|later| request.range(first + later).unwrap());
        assert_eq!(one.to_texts(), ("2024-01-15T06:20:00Z".to_owned(), "2024-01-15T08:30:00Z".to_owned()));
        assert!(one.overlaps(next));
    }

    #[test]
    fn a_request_of_an_operator_is_not_scheduled() {
        let request = r#"{"start": "2024-01-15T10:30:00Z", "end": "2024-01-15T10:31:00Z"}"#;
        let request: Request = serde_json::from_str(request).unwrap();
        assert!(!request.is_scheduled() && request.range(Utc::now()).is_ok());
        assert!(serde_json::from_str::<Request>(r#"{"action": "reconcile"}"#).is_err());
    }
}
