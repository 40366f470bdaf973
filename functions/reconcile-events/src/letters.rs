//! The dead letters of events.

use std::collections::{BTreeMap, BTreeSet};

use xzepr_domain::EventId;
use xzepr_settings::RouteName;
use xzepr_store::Key;

/// The events that are dead letters, of any time.
#[derive(Debug, Default)]
pub(crate) struct Letters {
    /// The events whose whole items are dead letters.
    items: BTreeSet<EventId>,
    /// The routes that an event is a dead letter of.
    routes: BTreeMap<EventId, Vec<RouteName>>,
}

impl FromIterator<(Key, Option<RouteName>)> for Letters {
    fn from_iter<I: IntoIterator<Item = (Key, Option<RouteName>)>>(letters: I) -> Self {
        let mut all = Self::default();
        for (item, route) in letters {
            match (item.event_id(), route) {
                (Some(id), Some(route)) => all.routes.entry(id).or_default().push(route),
                (Some(id), None) => drop(all.items.insert(id)),
                (None, _) => {}
            }
        }
        all
    }
}

impl Letters {
    /// How many of an event's records that are not on their topic are dead letters. `names` says whether a route can name
    /// that topic.
    pub(crate) fn explain(&self, id: EventId, absent: usize, names: impl Fn(&RouteName) -> bool) -> usize {
        if self.items.contains(&id) {
            return absent;
        }
        let routes = self.routes.get(&id).into_iter().flatten();
        routes.filter(|route| names(route)).count().min(absent)
    }
}
