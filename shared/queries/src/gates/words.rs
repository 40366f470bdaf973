//! The reasons why a gate is not complete, in words for people.

use std::fmt::Display;

use chrono::{DateTime, TimeDelta, Utc};
use xzepr_domain::{EventId, EventReceiverGroup};

/// The group is not in use.
pub(super) const DISABLED: &str = "the group is disabled";

/// No event can complete the group.
pub(super) const EMPTY: &str = "the group has no receivers";

/// A member whose latest event has failed.
pub(super) fn failed(receiver: impl Display, event: EventId, now: DateTime<Utc>) -> String {
    format!("{receiver} has failed: event {event}, {}", ago(event.time(), now))
}

/// A member without an event.
pub(super) fn missing(receiver: impl Display) -> String {
    format!("{receiver} has no event yet")
}

/// A member with an event that the last completion rests on, while the index is empty or is being written again.
pub(super) fn not_indexed(receiver: impl Display, event: EventId) -> String {
    format!(
        "{receiver} has event {event} or a later one, which the index lacks: it is being rebuilt, or must be"
    )
}

/// A group that is complete since an event, without a message about it.
///
/// An event announces a group when it is evaluated. That happens once, so it announces no group that was created or
/// enabled later.
pub(super) fn unannounced(group: &EventReceiverGroup, since: EventId, now: DateTime<Utc>) -> String {
    let accepted = since.time();
    let changed = [(group.id.time(), "created"), (group.updated_at, "enabled")];
    let later = changed.into_iter().rev().find(|(time, _)| *time > accepted);
    let start = format!("complete, and not announced since event {since}, {}", ago(accepted, now));
    match later {
        Some((time, change)) => format!(
            "{start}: the group was {change} after it, {}; the next event of one of its receivers announces it",
            ago(time, now)
        ),
        None => format!("{start}: the evaluation of that event announces it"),
    }
}

/// How long ago a time was, in its largest unit.
fn ago(time: Option<DateTime<Utc>>, now: DateTime<Utc>) -> String {
    let age = now.signed_duration_since(time.unwrap_or(now)).max(TimeDelta::zero());
    let (number, unit) = match age {
        age if age.num_days() > 0 => (age.num_days(), "day"),
        age if age.num_hours() > 0 => (age.num_hours(), "hour"),
        age if age.num_minutes() > 0 => (age.num_minutes(), "minute"),
        age => (age.num_seconds(), "second"),
    };
    format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let now = DateTime::from_timestamp_millis(1_702_964_736_000).unwrap();
        for (seconds, expected) in [
            (-5, "0 seconds ago"),
            (0, "0 seconds ago"),
            (1, "1 second ago"),
            (59, "59 seconds ago"),
            (60, "1 minute ago"),
            (3_599, "59 minutes ago"),
            (3_600, "1 hour ago"),
            (86_400, "1 day ago"),
            (1_000 * 86_400, "1000 days ago"),
        ] {
            assert_eq!(ago(Some(now - TimeDelta::seconds(seconds)), now), expected);
        }
        assert_eq!(ago(None, now), "0 seconds ago");
    }
}
