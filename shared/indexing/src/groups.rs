//! The groups of earlier evaluations.
//!
//! A group never changes but for `enabled` and `updated_at`. So its members, options and texts are read once. Whether it
//! is enabled is a condition of each commit.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use xzepr_domain::{EventReceiverGroup, GroupId};

/// When the kept groups have more members, all of them are forgotten. A member needs 16 bytes.
const MAX_MEMBERS: usize = 250_000;

/// A group without members needs memory too, about as much as this number of members.
const OWN_SIZE: usize = 32;

#[derive(Debug, Default)]
pub(crate) struct Groups(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    groups: HashMap<GroupId, Arc<EventReceiverGroup>>,
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
        if kept.members > MAX_MEMBERS {
            *kept = Kept::default();
        }
        if kept.groups.insert(group.id, group.clone()).is_none() {
            kept.members += OWN_SIZE + group.event_receiver_ids.len();
        }
        group
    }

    /// Keeps that a group is disabled, so that it is read before its next commit.
    pub(crate) fn keep_disabled(&self, group: &EventReceiverGroup) {
        self.keep(EventReceiverGroup { enabled: false, ..group.clone() });
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use xzepr_domain::ReceiverId;
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
}
