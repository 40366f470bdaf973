//! The records that the events of a range should have by the routes of now.

use std::{collections::BTreeMap, sync::Arc};

use xzepr_domain::{Event, EventReceiver};
use xzepr_messages::{Decision, Messages, Route};
use xzepr_store::PageItem;

use crate::records::Records;

/// The most keys in the list of foreign items. A sort key has at most 1 KB.
const MAX_FOREIGN_LISTED: usize = 1_000;

/// The items of a range, and the records that they should have.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    /// The number of items under the keys of events.
    pub(crate) accepted: usize,
    /// The number of events whose routes have no message for them.
    pub(crate) skipped: usize,
    /// The number of events that no route matches.
    pub(crate) unrouted: usize,
    /// The number of items that are no event.
    pub(crate) foreign: usize,
    /// The first keys of them.
    pub(crate) foreign_keys: Vec<String>,
    pub(crate) topics: BTreeMap<Arc<str>, Records>,
    /// The records that have no topic, since the item is no event, the receiver is missing or the topic would be invalid.
    /// They can only be dead letters.
    pub(crate) without_topic: Records,
}

impl Expected {
    /// Expects nothing yet. The topics that are known without an event are among the topics.
    pub(crate) fn new(messages: &Messages) -> Self {
        let mut expected = Self::default();
        for route in messages.routes() {
            expected.without_topic.add_route(route);
            if let Some(topic) = &route.fixed_topic {
                expected.topics.entry(Arc::clone(topic)).or_default().add_route(route);
            }
        }
        expected
    }

    /// Expects the records of an item. Items must come in the order of their sort keys. `receiver` is the one that
    /// [`Messages::receiver_of`] asks for.
    pub(crate) fn add(&mut self, messages: &Messages, item: &PageItem, receiver: Option<&EventReceiver>) {
        let id = item.id();
        self.accepted += usize::from(id.is_some());
        match &item.event {
            Ok(event) => self.add_event(messages, event, receiver),
            Err(_) => {
                id.into_iter().for_each(|id| self.without_topic.expect(id));
                self.foreign += 1;
                if self.foreign_keys.len() < MAX_FOREIGN_LISTED {
                    self.foreign_keys.push(item.key.to_string());
                }
            }
        }
    }

    fn add_event(&mut self, messages: &Messages, event: &Event, receiver: Option<&EventReceiver>) {
        let (mut matches, mut expects) = (false, false);
        for route in messages.routes() {
            match messages.decide(route, event, receiver) {
                Decision::Differs(_) => continue,
                Decision::MissingReceiver => self.without_topic.expect(event.id),
                Decision::Matches if !route.has_message(event) => {
                    matches = true;
                    continue;
                }
                Decision::Matches => match messages.target(route, event, receiver).topic {
                    Ok(topic) => self.expect(topic, route, event),
                    Err(_) => self.without_topic.expect(event.id),
                },
            }
            expects = true;
        }
        self.skipped += usize::from(matches && !expects);
        self.unrouted += usize::from(!matches && !expects);
    }

    fn expect(&mut self, topic: Arc<str>, route: &Route, event: &Event) {
        let records = self.topics.entry(topic).or_default();
        records.add_route(route);
        records.expect(event.id);
        if let Some(content) = route.other_content_id(event) {
            records.expect_content_id(content, event.id);
        }
    }
}
