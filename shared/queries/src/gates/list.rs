//! The answers about all groups that concern an artifact, in pages.
//!
//! A group concerns an artifact if one of its receivers has an event of the artifact. Such a group is listed at the first
//! of these receivers, in the order of their ids. So no page needs to know the ones before. A group that was complete
//! once concerns the artifact too; it lacks such a receiver only while the index is written again. These groups are
//! last.
//!
//! A group that begins to concern the artifact between two pages may be missing, if its place is in a page that was read.

use std::{
    collections::{HashMap, HashSet},
    time::Instant,
};

use chrono::{DateTime, Utc};
use futures_util::future::{try_join, try_join_all};
use xzepr_domain::{
    Artifact, EventReceiverGroup, GroupId, ReceiverId,
    gate::{Gate, Greens, Reds},
};
use xzepr_store::StoreError;

use super::{
    cursor::{Cursor, Position},
    explanation::{Explanation, Facts},
    store::ReadGates,
};

/// How many receivers are asked for their groups at once.
const RECEIVERS_AT_ONCE: usize = 8;

/// The most receivers that are asked for their groups for one page.
const MAX_RECEIVERS: usize = 256;

/// How many groups one request reads. Each has up to 14 KB.
const GROUPS_AT_ONCE: usize = 25;

/// The most groups and members of a page together, unless the page has one group alone. A member has up to 3.4 KB and a
/// group up to 4 KB in a response, if their names have 255 characters that JSON encodes twice. So a page stays below the
/// 6 MB of Lambda's response.
const MAX_PARTS: usize = 1_000;

/// The end of a page.
#[derive(Debug, Clone, Copy)]
pub struct PageLimits {
    /// The most gates.
    pub gates: usize,
    /// When the search for further groups ends.
    pub until: Instant,
}

/// Some of the gates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatePage {
    /// The answers.
    pub gates: Vec<Explanation>,
    /// Where the next page begins; `None` if there is none. A page can be empty and have a next one.
    pub next: Option<Cursor>,
}

/// The answers about the groups that concern an artifact, after a cursor.
pub async fn gates_of(
    store: &impl ReadGates,
    artifact: &Artifact,
    cursor: Option<Cursor>,
    limits: PageLimits,
    now: DateTime<Utc>,
) -> Result<GatePage, StoreError> {
    let (greens, lag) = try_join(store.greens(artifact), store.lag()).await?;
    // After the greens, so that no failure is missing that was accepted before one of them.
    let reds = store.reds(artifact).await?;
    let walk = Walk {
        store,
        artifact,
        concerned: concerned(&greens, &reds),
        limits,
        first_receivers: HashMap::new(),
        found: Vec::new(),
        parts: 0,
        position: cursor.map(|cursor| cursor.after),
        has_moved: false,
    };
    let (groups, next) = walk.groups().await?;
    let ids: Vec<_> = groups.iter().map(|group| group.id).collect();
    let receivers: HashSet<_> =
        groups.iter().flat_map(|group| group.event_receiver_ids.iter().copied()).collect();
    let receivers: Vec<_> = receivers.into_iter().collect();
    let (gates, names) = try_join(store.gates(artifact, &ids), store.names(&receivers)).await?;
    let gates: HashMap<_, _> = gates.into_iter().collect();
    let names = names.into_iter().map(|name| (name.id, name)).collect();
    let facts = Facts { artifact, greens: &greens, reds: &reds, names: &names, lag, now };
    let none = Gate::default();
    let explain = |group: &EventReceiverGroup| facts.explain(group, gates.get(&group.id).unwrap_or(&none));
    Ok(GatePage {
        gates: groups.iter().map(explain).collect(),
        next: next.map(|after| Cursor::new(artifact, after)),
    })
}

/// The receivers with an event of the artifact, in the order of their ids.
fn concerned(greens: &Greens, reds: &Reds) -> Vec<ReceiverId> {
    let mut receivers: Vec<_> = greens.latest.receivers().chain(reds.latest.receivers()).collect();
    receivers.sort_unstable();
    receivers.dedup();
    receivers
}

/// A walk over the groups, until a page is full.
struct Walk<'a, S> {
    store: &'a S,
    artifact: &'a Artifact,
    /// In the order of their ids.
    concerned: Vec<ReceiverId>,
    limits: PageLimits,
    /// The first of the concerned receivers in each group that was read.
    first_receivers: HashMap<GroupId, Option<ReceiverId>>,
    found: Vec<EventReceiverGroup>,
    parts: usize,
    /// The last place that was passed, in this page or in the one before.
    position: Option<Position>,
    has_moved: bool,
}

/// The part of the walk has come to its end, or the page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Part,
    Page,
}

impl<S: ReadGates> Walk<'_, S> {
    /// The groups of the page, and the position after them if there may be more.
    async fn groups(mut self) -> Result<(Vec<EventReceiverGroup>, Option<Position>), StoreError> {
        if !matches!(self.position, Some(Position::Gate(_))) {
            if self.of_receivers().await? == End::Page {
                return Ok((self.found, self.position));
            }
            self.pass(Position::Gate(None));
        }
        let end = self.of_gates().await?;
        Ok((self.found, self.position.filter(|_| end == End::Page)))
    }

    /// Collects the groups of the receivers.
    async fn of_receivers(&mut self) -> Result<End, StoreError> {
        let start = self.position;
        let is_left = |receiver: &ReceiverId| match start {
            Some(Position::Receiver(last, Some(_))) => *receiver >= last,
            Some(Position::Receiver(last, None)) => *receiver > last,
            Some(Position::Gate(_)) | None => true,
        };
        let left: Vec<_> = self.concerned.iter().copied().filter(is_left).collect();
        for (round, receivers) in left.chunks(RECEIVERS_AT_ONCE).enumerate() {
            if self.is_late() || round * RECEIVERS_AT_ONCE >= MAX_RECEIVERS {
                return Ok(End::Page);
            }
            let memberships = receivers.iter().map(|receiver| self.store.groups_of(*receiver));
            let memberships = try_join_all(memberships).await?;
            for (receiver, mut groups) in receivers.iter().copied().zip(memberships) {
                if let Some(Position::Receiver(last, Some(group))) = start
                    && last == receiver
                {
                    groups.retain(|id| *id > group);
                }
                if self.of_receiver(receiver, groups).await? == End::Page {
                    return Ok(End::Page);
                }
                self.pass(Position::Receiver(receiver, None));
            }
        }
        Ok(End::Part)
    }

    /// Collects the groups of a receiver that are listed there.
    async fn of_receiver(
        &mut self,
        receiver: ReceiverId,
        mut groups: Vec<GroupId>,
    ) -> Result<End, StoreError> {
        groups.retain(|group| self.first_receivers.get(group).is_none_or(|first| *first == Some(receiver)));
        for ids in groups.chunks(GROUPS_AT_ONCE) {
            if self.is_late() {
                return Ok(End::Page);
            }
            for group in self.read(ids).await? {
                let position = Position::Receiver(receiver, Some(group.id));
                if self.first_receivers.get(&group.id) == Some(&Some(receiver)) {
                    if !self.has_room_for(&group) {
                        return Ok(End::Page);
                    }
                    self.add(group);
                }
                self.pass(position);
            }
        }
        Ok(End::Part)
    }

    /// Collects the groups that were complete once, and that no receiver has led to.
    async fn of_gates(&mut self) -> Result<End, StoreError> {
        let Some(Position::Gate(mut after)) = self.position else { return Ok(End::Part) };
        loop {
            let gates = self.store.gates_after(self.artifact, after).await?;
            let Some(last) = gates.last().map(|(id, _)| *id) else { return Ok(End::Part) };
            let is_concerned = |receiver: ReceiverId| self.concerned.binary_search(&receiver).is_ok();
            let ids = gates.iter().filter(|(_, gate)| !gate.basis.receivers().any(is_concerned));
            let ids: Vec<_> = ids.map(|(id, _)| *id).collect();
            for ids in ids.chunks(GROUPS_AT_ONCE) {
                for group in self.read(ids).await? {
                    if !self.has_room_for(&group) {
                        return Ok(End::Page);
                    }
                    self.pass(Position::Gate(Some(group.id)));
                    self.add(group);
                }
            }
            after = Some(last);
            self.pass(Position::Gate(after));
            if self.is_late() {
                return Ok(End::Page);
            }
        }
    }

    /// Reads groups, in the order of their ids.
    async fn read(&mut self, ids: &[GroupId]) -> Result<Vec<EventReceiverGroup>, StoreError> {
        let mut groups = self.store.groups(ids).await?;
        groups.sort_unstable_by_key(|group| group.id);
        for group in &groups {
            let receivers = group.event_receiver_ids.iter().copied();
            let first = receivers.filter(|receiver| self.concerned.binary_search(receiver).is_ok()).min();
            self.first_receivers.insert(group.id, first);
        }
        Ok(groups)
    }

    /// Whether the page has room. A page has at least one group, so that a large one is listed too.
    fn has_room_for(&self, group: &EventReceiverGroup) -> bool {
        let has_room = self.found.len() < self.limits.gates && self.parts + parts(group) <= MAX_PARTS;
        self.found.is_empty() || has_room
    }

    fn add(&mut self, group: EventReceiverGroup) {
        self.parts += parts(&group);
        self.found.push(group);
    }

    fn pass(&mut self, position: Position) {
        self.position = Some(position);
        self.has_moved = true;
    }

    /// Whether the time is up. A page that has not moved goes on, since the next one would begin at the same place.
    fn is_late(&self) -> bool {
        self.has_moved && Instant::now() >= self.limits.until
    }
}

fn parts(group: &EventReceiverGroup) -> usize {
    1 + group.event_receiver_ids.len()
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
