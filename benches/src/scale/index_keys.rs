//! The partition keys of the index table under a load: those that events of one name, one receiver and one day share.

use std::collections::HashMap;

use fastrand::Rng;
use xzepr_domain::{Event, EventId, ReceiverId};
use xzepr_fixtures::event_with_id;
use xzepr_store::Key;

/// The time of the first event: 28 November 2026.
const FIRST_MS: u64 = 1_795_824_000_000;

/// The share of the events that the hottest partition key of a kind has.
#[derive(Debug, Clone, PartialEq)]
pub struct Hottest {
    /// The start of the keys, up to `#`.
    pub kind: String,
    /// How many keys of the kind there are.
    pub keys: usize,
    /// The share of all events.
    pub share: f64,
}

/// Events whose receivers and names are drawn: the n-th has 1/n of the events of the first. Each tenth event is of a new
/// artifact.
pub fn events(count: usize, receivers: u32, seed: u64) -> impl Iterator<Item = Event> {
    let mut rng = Rng::with_seed(seed);
    let ids: Vec<_> = (1..=receivers).map(|rank| (rank, ReceiverId::generate())).collect();
    let total: f64 = ids.iter().map(|(rank, _)| 1.0 / f64::from(*rank)).sum();
    (0..count).filter_map(move |index| {
        let mut place = rng.f64() * total;
        let drawn = ids.iter().find(|(rank, _)| {
            place -= 1.0 / f64::from(*rank);
            place < 0.0
        });
        let (rank, receiver) = *drawn.or(ids.last())?;
        Some(Event {
            name: format!("step-{rank}").try_into().ok()?,
            release: (index / 10).to_string().try_into().ok()?,
            event_receiver_id: receiver,
            ..event_with_id(EventId::first_of(FIRST_MS + index as u64))
        })
    })
}

/// The hottest partition key of each kind, as the store makes the keys of these events.
pub fn hottest(events: impl Iterator<Item = Event>) -> Vec<Hottest> {
    let (mut counts, mut all) = (HashMap::<String, usize>::new(), 0_usize);
    for event in events {
        all += 1;
        for key in Key::in_index(&event) {
            *counts.entry(key.partition).or_default() += 1;
        }
    }
    let mut kinds = HashMap::<String, (usize, usize)>::new();
    for (key, count) in &counts {
        let kind = key.split_inclusive('#').next().unwrap_or_default().to_owned();
        let (keys, most) = kinds.entry(kind).or_default();
        (*keys, *most) = (*keys + 1, (*most).max(*count));
    }
    let hottest = kinds.into_iter().map(|(kind, (keys, most))| {
        let share = most as f64 / all.max(1) as f64;
        Hottest { kind, keys, share }
    });
    let mut hottest: Vec<_> = hottest.collect();
    hottest.sort_by(|one, other| other.share.total_cmp(&one.share).then(one.kind.cmp(&other.kind)));
    hottest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scale::assumptions::Assumptions;

    #[test]
    fn the_first_receiver_and_its_name_have_the_reckoned_share_of_the_writes() {
        let hottest = hottest(events(20_000, 20, 1));
        let kinds: Vec<_> = hottest.iter().map(|hottest| &*hottest.kind).collect();
        assert_eq!(kinds, ["DAYS", "NAME#", "RECEIVER-EVENTS#", "ARTIFACT#"]);
        for kind in &hottest[1..3] {
            assert_eq!(kind.keys, 20);
            assert!((kind.share / Assumptions::hottest(20) - 1.0).abs() < 0.03, "{kind:?}");
        }
        assert!(hottest[3].share < 0.001);
    }
}
