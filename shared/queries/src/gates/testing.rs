//! Groups and facts in memory, and a count of the requests that the tables would get.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::atomic::{AtomicUsize, Ordering},
};

use chrono::{DateTime, TimeDelta, Utc};
use xzepr_domain::{
    Artifact, EventId, EventReceiverGroup, GroupId, ReceiverId,
    gate::{Gate, Greens, Latest, Reds},
};
use xzepr_fixtures::group;
use xzepr_store::{Lag, ReceiverName, StoreError};

use super::store::ReadGates;

/// The receivers of the tests, in the order of their ids.
pub(super) const RECEIVERS: [&str; 3] =
    ["01HJ1K2M3N4P5Q6R7S8T9V0W1A", "01HJ1K2M3N4P5Q6R7S8T9V0W1B", "01HJ1K2M3N4P5Q6R7S8T9V0W1C"];

/// When [`group`] was created, in milliseconds since 1970.
pub(super) const CREATED_MS: u64 = 1_703_008_096_373;

/// Five minutes later.
pub(super) fn now() -> DateTime<Utc> {
    group().id.time().unwrap() + TimeDelta::minutes(5)
}

pub(super) fn receiver(index: usize) -> ReceiverId {
    RECEIVERS[index].parse().unwrap()
}

/// A receiver with this number.
pub(super) fn numbered(number: usize) -> ReceiverId {
    format!("01HJ1K2M3N4P5Q6R7S8T{number:06}").parse().unwrap()
}

/// A group of the first receivers.
pub(super) fn group_of(count: usize) -> EventReceiverGroup {
    EventReceiverGroup { event_receiver_ids: (0..count).map(receiver).collect(), ..group() }
}

/// The first event of a second after the group's creation, or before it.
pub(super) fn event_at(second: i64) -> EventId {
    EventId::first_of(CREATED_MS.saturating_add_signed(second * 1_000))
}

/// The events of receivers, each at a second.
pub(super) fn latest(events: &[(usize, i64)]) -> Latest {
    events.iter().map(|(index, second)| (receiver(*index), event_at(*second))).collect()
}

pub(super) fn greens(events: &[(usize, i64)]) -> Greens {
    Greens { latest: latest(events), overrides: BTreeSet::new() }
}

pub(super) fn reds(events: &[(usize, i64)]) -> Reds {
    Reds { latest: latest(events), revision: events.len() as u64 }
}

/// A gate after its first completion.
pub(super) fn completed(events: &[(usize, i64)], at: i64) -> Gate {
    Gate { revision: 1, completions: 1, basis: latest(events), event: Some(event_at(at)), incomplete: 0 }
}

pub(super) fn name(id: ReceiverId, name: &str) -> (ReceiverId, ReceiverName) {
    (id, ReceiverName { id, name: name.to_owned(), r#type: format!("com.example.{name}") })
}

/// Build, scan and sign.
pub(super) fn names() -> HashMap<ReceiverId, ReceiverName> {
    let names = ["build", "scan", "sign"].into_iter().enumerate();
    names.map(|(index, text)| name(receiver(index), text)).collect()
}

pub(super) fn lag() -> Lag {
    Lag { lag_ms: 240, measured_at: now() }
}

/// The two tables.
#[derive(Default)]
pub(super) struct Memory {
    pub(super) groups: BTreeMap<GroupId, EventReceiverGroup>,
    pub(super) names: HashMap<ReceiverId, ReceiverName>,
    pub(super) greens: Greens,
    pub(super) reds: Reds,
    pub(super) gates: BTreeMap<GroupId, Gate>,
    requests: AtomicUsize,
}

impl Memory {
    pub(super) fn with(groups: impl IntoIterator<Item = EventReceiverGroup>) -> Self {
        Self { groups: groups.into_iter().map(|group| (group.id, group)).collect(), ..Self::default() }
    }

    /// The requests since this was asked last.
    pub(super) fn take_requests(&self) -> usize {
        self.requests.swap(0, Ordering::Relaxed)
    }

    fn count(&self, requests: usize) {
        self.requests.fetch_add(requests, Ordering::Relaxed);
    }
}

impl ReadGates for Memory {
    async fn group(&self, id: GroupId) -> Result<Option<EventReceiverGroup>, StoreError> {
        self.count(1);
        Ok(self.groups.get(&id).cloned())
    }

    async fn groups(&self, ids: &[GroupId]) -> Result<Vec<EventReceiverGroup>, StoreError> {
        self.count(ids.len().div_ceil(100));
        // Not in the order of the ids, as DynamoDB.
        Ok(ids.iter().rev().filter_map(|id| self.groups.get(id).cloned()).collect())
    }

    async fn groups_of(&self, receiver: ReceiverId) -> Result<Vec<GroupId>, StoreError> {
        self.count(1);
        let groups = self.groups.values().filter(|group| group.event_receiver_ids.contains(&receiver));
        Ok(groups.map(|group| group.id).collect())
    }

    async fn names(&self, ids: &[ReceiverId]) -> Result<Vec<ReceiverName>, StoreError> {
        self.count(ids.len().div_ceil(100));
        Ok(ids.iter().filter_map(|id| self.names.get(id).cloned()).collect())
    }

    async fn greens(&self, _: &Artifact) -> Result<Greens, StoreError> {
        self.count(1);
        Ok(self.greens.clone())
    }

    async fn reds(&self, _: &Artifact) -> Result<Reds, StoreError> {
        self.count(1);
        Ok(self.reds.clone())
    }

    async fn gate(&self, _: &Artifact, group: GroupId) -> Result<Gate, StoreError> {
        self.count(1);
        Ok(self.gates.get(&group).cloned().unwrap_or_default())
    }

    async fn gates(&self, _: &Artifact, groups: &[GroupId]) -> Result<Vec<(GroupId, Gate)>, StoreError> {
        self.count(groups.len().div_ceil(100));
        Ok(groups.iter().filter_map(|id| Some((*id, self.gates.get(id)?.clone()))).collect())
    }

    async fn gates_after(
        &self,
        _: &Artifact,
        after: Option<GroupId>,
    ) -> Result<Vec<(GroupId, Gate)>, StoreError> {
        self.count(1);
        let gates = self.gates.iter().filter(|(id, _)| Some(**id) > after);
        Ok(gates.take(2).map(|(id, gate)| (*id, gate.clone())).collect())
    }

    async fn lag(&self) -> Result<Option<Lag>, StoreError> {
        self.count(1);
        Ok(Some(lag()))
    }
}
