//! Questions for events, receivers and groups by their ids, and for lists of receivers and groups.

use std::{collections::HashMap, hash::Hash, sync::Arc};

use serde::Serialize;
use xzepr_domain::{EventId, GroupId, ReceiverId};
use xzepr_store::{GroupFilter, ReceiverFilter, StoreError};

use crate::{
    kept_receivers::KeptReceivers,
    list::{Filling, List, Window},
    records::{EventRecord, GroupRecord, ReceiverRecord},
    store::ReadEntities,
};

/// How many objects one request reads. A receiver's schema can have 64 KiB, and a request has less than a second.
const READ_AT_ONCE: usize = 25;

/// Answers questions for single entities and for lists of receivers and groups. Each answer contains every write that
/// ended before the question.
#[derive(Debug)]
pub struct Entities<S> {
    store: S,
    kept_receivers: KeptReceivers,
}

impl<S: ReadEntities> Entities<S> {
    /// Has read nothing yet.
    pub fn new(store: S) -> Self {
        Self { store, kept_receivers: KeptReceivers::default() }
    }

    /// An event with its receiver. An event of a group has no receiver.
    pub async fn event(&self, id: EventId) -> Result<Option<EventRecord>, StoreError> {
        let Some(event) = self.store.find_event(id).await? else { return Ok(None) };
        let receiver = self.receiver(event.event_receiver_id).await?;
        Ok(Some(EventRecord::new(event, receiver)))
    }

    /// A receiver. One that was found is kept in memory.
    pub async fn receiver(&self, id: ReceiverId) -> Result<Option<Arc<ReceiverRecord>>, StoreError> {
        if let Some(kept) = self.kept_receivers.get(id) {
            return Ok(Some(kept));
        }
        let Some(receiver) = self.store.find_receiver(id).await? else { return Ok(None) };
        let record = Arc::new(receiver.into());
        self.kept_receivers.keep(id, &record);
        Ok(Some(record))
    }

    /// A group.
    pub async fn group(&self, id: GroupId) -> Result<Option<GroupRecord>, StoreError> {
        Ok(self.store.find_group(id).await?.map(GroupRecord::from))
    }

    /// A part of the receivers that match a filter, newest first.
    pub async fn receivers(
        &self,
        filter: &ReceiverFilter,
        window: Window,
    ) -> Result<List<ReceiverRecord>, StoreError> {
        let ids = self.store.list_receivers(filter).await?;
        let read = |ids| async move {
            let receivers = self.store.find_receivers(ids).await?;
            Ok(receivers.into_iter().map(|receiver| (receiver.id, receiver.into())).collect())
        };
        fill(&ids, window, read).await
    }

    /// A part of the groups that match a filter, newest first.
    pub async fn groups(
        &self,
        filter: &GroupFilter,
        window: Window,
    ) -> Result<List<GroupRecord>, StoreError> {
        let ids = self.store.list_groups(filter).await?;
        let read = |ids| async move {
            let groups = self.store.find_groups(ids).await?;
            Ok(groups.into_iter().map(|group| (group.id, group.into())).collect())
        };
        fill(&ids, window, read).await
    }
}

/// Reads the objects of a part of the ids, until the part is full.
async fn fill<'a, Id, T, F>(
    ids: &'a [Id],
    window: Window,
    read: impl Fn(&'a [Id]) -> F,
) -> Result<List<T>, StoreError>
where
    Id: Eq + Hash,
    T: Serialize,
    F: Future<Output = Result<HashMap<Id, T>, StoreError>>,
{
    let mut part = Filling::new(window, ids.len());
    for ids in window.of(ids).chunks(READ_AT_ONCE) {
        let mut found = read(ids).await?;
        if !ids.iter().all(|id| part.add(found.remove(id))) {
            break;
        }
    }
    Ok(part.finish())
}
