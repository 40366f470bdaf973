//! The latest event of each receiver.

use std::collections::BTreeMap;

use crate::id::{EventId, ReceiverId};

/// The event with the greatest id of each receiver.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Latest(BTreeMap<ReceiverId, EventId>);

impl Latest {
    /// The latest event of a receiver.
    pub fn get(&self, receiver: ReceiverId) -> Option<EventId> {
        self.0.get(&receiver).copied()
    }

    /// Keeps an event if it is later than the one before. Returns whether it was kept. An event that comes a second time
    /// changes nothing.
    pub fn raise(&mut self, receiver: ReceiverId, event: EventId) -> bool {
        let is_later = self.get(receiver).is_none_or(|before| before < event);
        if is_later {
            self.0.insert(receiver, event);
        }
        is_later
    }

    /// The receivers with their events, in the order of the receivers' ids.
    pub fn iter(&self) -> impl Iterator<Item = (ReceiverId, EventId)> + '_ {
        self.0.iter().map(|(receiver, event)| (*receiver, *event))
    }

    /// The receivers, in the order of their ids.
    pub fn receivers(&self) -> impl Iterator<Item = ReceiverId> + '_ {
        self.0.keys().copied()
    }

    /// The number of receivers.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no receiver has an event.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(ReceiverId, EventId)> for Latest {
    fn from_iter<I: IntoIterator<Item = (ReceiverId, EventId)>>(events: I) -> Self {
        let mut latest = Self::default();
        for (receiver, event) in events {
            latest.raise(receiver, event);
        }
        latest
    }
}
