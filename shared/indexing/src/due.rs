//! Whether a completion is to be announced.
//!
//! A group that is created or enabled announces nothing by itself: the next event of a member does. A rebuild meets the
//! events of all artifacts again, also of those that were complete before the group was created or enabled. Without this
//! rule it would announce a completion for each of them.

use chrono::{DateTime, TimeDelta, Utc};
use xzepr_domain::{
    EventReceiverGroup,
    gate::{Greens, Reds},
};

/// How far the clocks of two functions may differ. An event that is older than the group by less than this counts as a
/// later one.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(1);

/// Events younger than this come from the stream as it is written, so a group that was read some time ago will do.
const RECENT: TimeDelta = TimeDelta::minutes(15);

/// The time of the last event of a member; `None` if there is none.
pub(crate) fn last_event(group: &EventReceiverGroup, greens: &Greens, reds: &Reds) -> Option<DateTime<Utc>> {
    let latest = [&greens.latest, &reds.latest];
    let members = group.event_receiver_ids.iter();
    members.flat_map(|member| latest.map(|latest| latest.get(*member))).flatten().max()?.time()
}

/// Whether an event is so young that the group need not be read again.
pub(crate) fn is_recent(event: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - event < RECENT
}

/// Whether a member has had an event since the group was created, enabled or disabled last.
pub(crate) fn is_due(group: &EventReceiverGroup, last_event: DateTime<Utc>) -> bool {
    let changed = group.updated_at.or_else(|| group.id.time());
    changed.is_none_or(|changed| last_event + CLOCK_SKEW >= changed)
}

#[cfg(test)]
mod tests {
    use xzepr_domain::{EventId, ReceiverId};
    use xzepr_fixtures::group;

    use super::*;

    fn at(seconds: u64) -> EventId {
        EventId::first_of(1_700_000_000_000 + seconds * 1000)
    }

    fn facts(greens: &[(ReceiverId, EventId)], reds: &[(ReceiverId, EventId)]) -> (Greens, Reds) {
        let latest = |events: &[(ReceiverId, EventId)]| events.iter().copied().collect();
        (
            Greens { latest: latest(greens), ..Greens::default() },
            Reds { latest: latest(reds), ..Reds::default() },
        )
    }

    #[test]
    fn the_last_event_is_the_latest_one_of_a_member_of_either_colour() {
        let [one, other, foreign] = [(); 3].map(|()| ReceiverId::generate());
        let group = EventReceiverGroup { event_receiver_ids: vec![one, other], ..group() };
        let last = |greens: &[_], reds: &[_]| {
            let (greens, reds) = facts(greens, reds);
            last_event(&group, &greens, &reds)
        };
        assert_eq!(last(&[], &[]), None);
        assert_eq!(last(&[(one, at(1)), (foreign, at(9))], &[]), at(1).time());
        assert_eq!(last(&[(one, at(1)), (other, at(2))], &[(other, at(3))]), at(3).time());
    }

    #[test]
    fn events_that_are_all_older_than_the_last_change_of_the_group_announce_nothing() {
        let changed = at(1000).time();
        let group = EventReceiverGroup { updated_at: changed, ..group() };
        let is_due = |seconds| is_due(&group, at(seconds).time().unwrap());
        assert!(is_due(1000) && is_due(2000) && is_due(941));
        assert!(!is_due(939));
    }

    #[test]
    fn a_group_that_never_changed_counts_from_its_creation() {
        let created = group().id.time().unwrap();
        let group = EventReceiverGroup { updated_at: None, ..group() };
        assert!(is_due(&group, created));
        assert!(!is_due(&group, created - TimeDelta::minutes(2)));
    }
}
