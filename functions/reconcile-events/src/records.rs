//! The records that a topic should have, and those that it has.

use std::collections::{BTreeMap, BTreeSet};

use xzepr_domain::EventId;
use xzepr_messages::{IdPlaces, RecordIds, Route};
use xzepr_settings::RouteName;

/// The records of one topic. An event takes 32 bytes.
#[derive(Debug, Default)]
pub(crate) struct Records {
    /// The routes that name the topic.
    routes: BTreeSet<RouteName>,
    places: IdPlaces,
    /// In the order of their ids.
    events: Vec<EventRecords>,
    /// The events of the records whose content has another id.
    by_content: BTreeMap<EventId, EventId>,
}

/// The numbers of an event's records on one topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct EventRecords {
    pub(crate) id: EventId,
    /// Records that the routes make.
    pub(crate) expected: u32,
    /// Records that the stream or a redrive has published.
    pub(crate) unmarked: u32,
    /// Records that replays have published.
    pub(crate) replayed: u32,
}

impl EventRecords {
    /// The number of expected records that are on the topic.
    pub(crate) fn published(&self) -> u32 {
        self.unmarked.saturating_add(self.replayed).min(self.expected)
    }

    /// The number of expected records that are not on the topic.
    pub(crate) fn absent(&self) -> u32 {
        self.expected - self.published()
    }

    /// Whether the topic has more records than the routes make. Replays do not count.
    pub(crate) fn is_doubled(&self) -> bool {
        self.unmarked > self.expected
    }
}

impl Records {
    /// Adds a route that names the topic.
    pub(crate) fn add_route(&mut self, route: &Route) {
        if self.routes.insert(route.settings.name.clone()) {
            self.places.add(route);
        }
    }

    /// Expects one more record of an event. Events must come in the order of their ids.
    pub(crate) fn expect(&mut self, id: EventId) {
        match self.events.last_mut() {
            Some(last) if last.id == id => last.expected += 1,
            _ => self.events.push(EventRecords { id, expected: 1, unmarked: 0, replayed: 0 }),
        }
    }

    /// Notes that the record of an event has another id in its content.
    pub(crate) fn expect_content_id(&mut self, content: EventId, id: EventId) {
        self.by_content.insert(content, id);
    }

    pub(crate) fn places(&self) -> IdPlaces {
        self.places
    }

    /// Whether a route names the topic.
    pub(crate) fn has_route(&self, route: &RouteName) -> bool {
        self.routes.contains(route)
    }

    pub(crate) fn events(&self) -> &[EventRecords] {
        &self.events
    }

    /// Counts a record of the topic. Returns false if none of its ids is that of an expected event.
    pub(crate) fn count(&mut self, ids: RecordIds, is_replayed: bool) -> bool {
        // The key of another route may be a receiver's id, and no event has that. The content of a CDEvent may have an
        // id of the CDEvent's own. So an expected id in the key is the more certain one.
        let content = ids.content.map(|id| self.by_content.get(&id).copied().unwrap_or(id));
        let candidates = [ids.key, content].into_iter().flatten();
        let index =
            candidates.filter_map(|id| self.events.binary_search_by_key(&id, |event| event.id).ok()).next();
        let Some(event) = index.and_then(|index| self.events.get_mut(index)) else { return false };
        let count = if is_replayed { &mut event.replayed } else { &mut event.unmarked };
        *count = count.saturating_add(1);
        true
    }
}
