//! A table and an index with groups and events.

use std::{
    cell::Cell,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use chrono::{TimeDelta, Utc};
use tokio::time::Instant;
use xzepr_domain::{
    Artifact, Event, EventId, EventKind, EventReceiverGroup, GroupId, ReceiverId, TimeRange,
    gate::{Gate, Greens},
};
use xzepr_fixtures::{event, group};
use xzepr_store::{Index, Table, testing};

use crate::{Indexer, Outcome, Tables};

pub(super) struct World {
    pub(super) table: Table,
    pub(super) index: Index,
    next_ms: Cell<u64>,
}

impl World {
    pub(super) async fn new() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Self {
            table: testing::table().await,
            index: testing::index().await,
            next_ms: Cell::new(now.as_millis().try_into().unwrap()),
        }
    }

    pub(super) fn tables(&self) -> Tables {
        Tables { table: self.table.clone(), index: self.index.clone() }
    }

    pub(super) fn indexer(&self) -> Indexer {
        Indexer::of(self.tables())
    }

    /// The id of the next event. Each is later than the one before.
    pub(super) fn next_id(&self) -> EventId {
        self.next_ms.set(self.next_ms.get() + 1);
        EventId::first_of(self.next_ms.get())
    }

    pub(super) async fn create(&self, group: EventReceiverGroup) -> EventReceiverGroup {
        let created = Event::group_created(&group, EventId::generate());
        self.table.create_group(&group, &created, None, None).await.unwrap();
        group
    }

    /// An enabled group of these receivers.
    pub(super) async fn group(&self, members: &[ReceiverId]) -> EventReceiverGroup {
        self.create(group_of(members)).await
    }

    pub(super) async fn enable(&self, group: GroupId, enabled: bool) {
        let group = self.table.group(group).await.unwrap().unwrap();
        let changed = EventReceiverGroup { enabled, updated_at: Some(Utc::now()), ..group };
        let modified = Event::group_modified(&changed, EventId::generate());
        self.table.modify_group(&changed, &modified, None).await.unwrap();
    }

    /// Accepts an event.
    pub(super) async fn accept(&self, event: Event) -> Event {
        self.table.put_event(&event, None, None).await.unwrap();
        event
    }

    /// Accepts a new event of the ordinary artifact.
    pub(super) async fn post(&self, receiver: ReceiverId, success: bool) -> Event {
        let id = self.next_id();
        self.accept(Event { id, event_receiver_id: receiver, success, ..event() }).await
    }

    /// Accepts and indexes a new event.
    pub(super) async fn process(&self, receiver: ReceiverId, success: bool) -> Event {
        let event = self.post(receiver, success).await;
        index(&self.indexer(), std::slice::from_ref(&event)).await;
        event
    }

    pub(super) async fn gate(&self, group: &EventReceiverGroup) -> Gate {
        self.table.gate(&artifact(), group.id).await.unwrap()
    }

    pub(super) async fn completions(&self, group: &EventReceiverGroup) -> u64 {
        self.gate(group).await.completions
    }

    pub(super) async fn greens(&self) -> Greens {
        self.index.greens(&artifact()).await.unwrap()
    }

    /// The new events of the table that are of one of these kinds.
    pub(super) async fn events(&self, kinds: &[EventKind]) -> Vec<Event> {
        let now = Utc::now();
        let range = TimeRange::new(now - TimeDelta::minutes(10), now + TimeDelta::minutes(10)).unwrap();
        let mut reader = self.table.events(range, None);
        let mut events = Vec::new();
        loop {
            let page = reader.next(500).await.unwrap();
            events.extend(page.items.into_iter().map(|item| item.event.unwrap()));
            if page.position.is_none() {
                return events.into_iter().filter(|event| kinds.contains(&event.kind)).collect();
            }
        }
    }

    /// The events of gates.
    pub(super) async fn announced(&self) -> Vec<Event> {
        self.events(&[EventKind::GroupComplete, EventKind::GroupIncomplete]).await
    }
}

/// The artifact of ordinary events.
pub(super) fn artifact() -> Artifact {
    event().artifact()
}

pub(super) fn receivers<const N: usize>() -> [ReceiverId; N] {
    [(); N].map(|()| ReceiverId::generate())
}

pub(super) fn group_of(members: &[ReceiverId]) -> EventReceiverGroup {
    EventReceiverGroup { id: GroupId::generate(), event_receiver_ids: members.to_vec(), ..group() }
}

pub(super) fn soon() -> Instant {
    Instant::now() + Duration::from_secs(60)
}

/// Indexes a batch without failures.
pub(super) async fn index<S: crate::Store>(indexer: &Indexer<S>, events: &[Event]) {
    let outcomes = indexer.index(events, soon()).await;
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Indexed)), "{outcomes:?}");
}
