//! An event item on its way to Kafka.

use std::fmt::Display;

use xzepr_domain::{Event, ReplayId};
use xzepr_settings::RouteName;
use xzepr_store::Key;

/// An item that must be published: an event, or the reason why the item contains none.
#[derive(Debug)]
pub struct Publication {
    pub(crate) key: Key,
    pub(crate) earlier_attempts: u32,
    pub(crate) item: Result<Event, String>,
    pub(crate) replay: Option<ReplayId>,
    pub(crate) scope: Scope,
}

/// The routes that a publication takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Every route that matches.
    All,
    /// This route, whether or not it matches now, since it matched when the event was first published.
    Route(RouteName),
    /// Every route that matches and takes the event to this topic.
    Topic(String),
}

impl Publication {
    /// The publication of an item that was read from the stream or from the table.
    pub fn new(key: Key, item: Result<Event, impl Display>) -> Self {
        let item = item.map_err(|error| format!("the item is no event: {error}"));
        Self { key, item, earlier_attempts: 0, replay: None, scope: Scope::All }
    }

    /// The publication of a dead letter's item, after this number of failed attempts. The dead letter of a route takes
    /// that route alone.
    #[must_use]
    pub fn of_dead_letter(self, earlier_attempts: u32, route: Option<RouteName>) -> Self {
        Self { earlier_attempts, scope: route.map_or(Scope::All, Scope::Route), ..self }
    }

    /// The publication by a replay. Its messages have a header with the replay's id.
    #[must_use]
    pub fn replayed_by(self, replay: ReplayId) -> Self {
        Self { replay: Some(replay), ..self }
    }

    /// The publication to one topic alone.
    #[must_use]
    pub fn to_topic(self, topic: String) -> Self {
        Self { scope: Scope::Topic(topic), ..self }
    }

    /// The item's key.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// The topic of a publication to one topic alone.
    pub fn topic(&self) -> Option<&str> {
        match &self.scope {
            Scope::Topic(topic) => Some(topic),
            Scope::All | Scope::Route(_) => None,
        }
    }

    /// The key of the dead letter that this publication is of, or would be if no route can ever take it.
    pub fn letter_key(&self) -> Key {
        match &self.scope {
            Scope::Route(route) => self.key.of_route(route),
            Scope::All | Scope::Topic(_) => self.key.clone(),
        }
    }

    /// The event, if the item contains one.
    pub(crate) fn event(&self) -> Option<&Event> {
        self.item.as_ref().ok()
    }
}
