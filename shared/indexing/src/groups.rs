//! The groups of earlier evaluations.
//!
//! A group never changes but for `enabled` and `updated_at`. So its members, options and texts are read once. Whether it
//! is enabled is a condition of each commit.
//!
//! A receiver may get into further groups at any time, and never leaves one. So its memberships are kept only as a hint,
//! and are read for each event.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use xzepr_domain::{EventReceiverGroup, GroupId, ReceiverId};

/// When the kept groups and lists of memberships have more members, all of them are forgotten. A member needs 16 bytes.
const MAX_MEMBERS: usize = 250_000;

/// A group or list without members needs memory too, about as much as this number of members.
const OWN_SIZE: usize = 32;

#[derive(Debug, Default)]
pub(crate) struct Groups(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    groups: HashMap<GroupId, Arc<EventReceiverGroup>>,
    memberships: HashMap<ReceiverId, Vec<GroupId>>,
    members: usize,
}

impl Groups {
    /// A group as it was read last.
    pub(crate) fn get(&self, id: GroupId) -> Option<Arc<EventReceiverGroup>> {
        self.kept().groups.get(&id).cloned()
    }

    /// Keeps a group as it was just read.
    pub(crate) fn keep(&self, group: EventReceiverGroup) -> Arc<EventReceiverGroup> {
        let group = Arc::new(group);
        let mut kept = self.kept();
        kept.make_room();
        if kept.groups.insert(group.id, group.clone()).is_none() {
            kept.members += OWN_SIZE + group.event_receiver_ids.len();
        }
        group
    }

    /// Keeps that a group is disabled, so that it is read before its next commit.
    pub(crate) fn keep_disabled(&self, group: &EventReceiverGroup) {
        self.keep(EventReceiverGroup { enabled: false, ..group.clone() });
    }

    /// Those groups of a receiver that are kept. There may be others.
    pub(crate) fn known_of(&self, receiver: ReceiverId) -> Vec<Arc<EventReceiverGroup>> {
        let kept = self.kept();
        let ids = kept.memberships.get(&receiver).into_iter().flatten();
        ids.filter_map(|id| kept.groups.get(id).cloned()).collect()
    }

    /// Keeps the memberships of a receiver as they were just read.
    pub(crate) fn keep_memberships(&self, receiver: ReceiverId, groups: &[GroupId]) {
        let mut kept = self.kept();
        let before = kept.memberships.get(&receiver).map_or(&[][..], Vec::as_slice);
        // Most receivers are in no group, and need no memory.
        if before == groups {
            return;
        }
        kept.make_room();
        kept.members += OWN_SIZE + groups.len();
        if let Some(before) = kept.memberships.insert(receiver, groups.to_vec()) {
            kept.members = kept.members.saturating_sub(OWN_SIZE + before.len());
        }
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn make_room(&mut self) {
        if self.members > MAX_MEMBERS {
            *self = Self::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use xzepr_fixtures::group;

    use super::*;

    #[test]
    fn a_group_is_kept_as_it_was_read_last() {
        let groups = Groups::default();
        let read = groups.keep(group());
        assert_eq!(groups.get(read.id).as_deref(), Some(&group()));
        groups.keep_disabled(&read);
        assert!(!groups.get(read.id).unwrap().enabled);
        assert!(groups.get(GroupId::generate()).is_none());
    }

    #[test]
    fn the_memory_is_bounded() {
        let groups = Groups::default();
        let members: Vec<_> = (0..500).map(|_| ReceiverId::generate()).collect();
        for _ in 0..1000 {
            let id = GroupId::generate();
            groups.keep(EventReceiverGroup { id, event_receiver_ids: members.clone(), ..group() });
            assert!(groups.get(id).is_some());
            let members: usize =
                groups.kept().groups.values().map(|kept| kept.event_receiver_ids.len()).sum();
            assert!(members <= MAX_MEMBERS + 500, "{members}");
        }
    }

    #[test]
    fn the_memberships_of_a_receiver_are_kept_as_they_were_read_last() {
        let groups = Groups::default();
        let (receiver, other) = (ReceiverId::generate(), ReceiverId::generate());
        let [first, second] =
            [(); 2].map(|()| groups.keep(EventReceiverGroup { id: GroupId::generate(), ..group() }));
        groups.keep_memberships(receiver, &[first.id]);
        assert_eq!(groups.known_of(receiver), [Arc::clone(&first)]);
        groups.keep_memberships(receiver, &[first.id, GroupId::generate(), second.id]);
        assert_eq!(groups.known_of(receiver), [first, second]);
        assert!(groups.known_of(other).is_empty());
    }

    #[test]
    fn the_memory_of_memberships_is_bounded() {
        let groups = Groups::default();
        let ids: Vec<_> = (0..500).map(|_| GroupId::generate()).collect();
        for number in 0..1000 {
            let receiver = ReceiverId::generate();
            groups.keep_memberships(receiver, &ids[..number % 2]);
            groups.keep_memberships(receiver, &ids);
            let kept = groups.kept();
            let members: usize = kept.memberships.values().map(|ids| OWN_SIZE + ids.len()).sum();
            assert_eq!(kept.members, members);
            assert!(members <= MAX_MEMBERS + OWN_SIZE + 500, "{members}");
        }
    }
}
