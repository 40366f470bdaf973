//! Event receiver groups and their memberships.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use xzepr_domain::{CreatedBy, Event, EventReceiverGroup, GroupId, Idempotency, ReceiverId};

use crate::{
    created_by::made_by,
    error::StoreError,
    event_items::EventItem,
    idempotency::{existing_response, response_item},
    keys::{Key, MEMBERSHIP_PREFIX, SORT_KEY},
    lists::listed_group,
    new_items::{Created, NewItem, Role, id_exists_error},
    table::{Item, Table, from_item, to_item},
    transaction::MAX_ITEMS,
};

#[derive(Serialize, Deserialize)]
struct GroupItem {
    pk: String,
    sk: String,
    name: String,
    r#type: String,
    version: String,
    description: String,
    enabled: bool,
    event_receiver_ids: Vec<String>,
    /// Items of earlier releases lack it, as the next two.
    #[serde(default)]
    repeat: bool,
    #[serde(default)]
    notify_incomplete: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    updated_at: Option<String>,
}

#[derive(Serialize)]
struct MembershipItem {
    pk: String,
    sk: String,
}

impl Table {
    /// Stores a group, its memberships and its created event, in one transaction if they fit. Returns the id. The
    /// memberships of a larger group are written before the group. The group is the commit point, so its memberships
    /// mean nothing until it exists. If another request with the same idempotency key has stored its response in the
    /// meantime, it stores no group and returns that response.
    pub async fn create_group(
        &self,
        group: &EventReceiverGroup,
        created: &Event,
        idempotency: Option<&Idempotency>,
        created_by: Option<&CreatedBy>,
    ) -> Result<String, StoreError> {
        let id = group.id.to_string();
        let mut memberships = group
            .event_receiver_ids
            .iter()
            .map(|receiver| Key::membership(*receiver, group.id))
            .map(|key| to_item(MembershipItem { pk: key.partition, sk: key.sort }))
            .map(|item| item.map(|item| NewItem::new(Role::Entity, item)))
            .collect::<Result<Vec<_>, _>>()?;
        let response = idempotency.map(|idempotency| response_item(idempotency, &id)).transpose()?;
        let made = [to_item(group_item(group))?, to_item(EventItem::from(created))?];
        let made = made.map(|item| made_by(item, created_by)).into_iter().chain([listed_group(group)?]);
        let commit: Vec<_> =
            response.into_iter().chain(made.map(|item| NewItem::new(Role::Entity, item))).collect();
        while memberships.len() + commit.len() > MAX_ITEMS {
            let rest = memberships.split_off(memberships.len().min(MAX_ITEMS));
            if let Created::Exists(..) = self.create(memberships).await? {
                return Err(id_exists_error(&id));
            }
            memberships = rest;
        }
        match (self.create([commit, memberships].concat()).await?, idempotency) {
            (Created::All, _) => Ok(id),
            (Created::Exists(Role::Response, item), Some(idempotency)) => {
                existing_response(item, idempotency)
            }
            (Created::Exists(..), _) => Err(id_exists_error(&id)),
        }
    }
}

impl Table {
    /// Reads a group. The read sees every write that ended before it began.
    pub async fn group(&self, id: GroupId) -> Result<Option<EventReceiverGroup>, StoreError> {
        self.get(Key::group(id)).await?.map(group).transpose()
    }

    /// Reads groups. The result has only those that exist, in no order.
    pub async fn groups(&self, ids: &[GroupId]) -> Result<Vec<EventReceiverGroup>, StoreError> {
        let keys = ids.iter().map(|id| Key::group(*id)).collect();
        self.get_all(keys, &[]).await?.into_iter().map(group).collect()
    }

    /// The groups that a receiver is a member of, in the order of their ids. A group that is being created may not exist
    /// yet. The read sees every write that ended before it began.
    pub async fn groups_of(&self, receiver: ReceiverId) -> Result<Vec<GroupId>, StoreError> {
        let items = self.query_prefix(Key::receiver(receiver).partition, MEMBERSHIP_PREFIX).await?;
        let id = |item: &Item| item.get(SORT_KEY)?.as_s().ok()?.strip_prefix(MEMBERSHIP_PREFIX)?.parse().ok();
        let ids: Option<Vec<_>> = items.iter().map(id).collect();
        ids.ok_or_else(|| {
            StoreError::InvalidItem(format!("a membership of receiver {receiver} names no group"))
        })
    }
}

fn group_item(group: &EventReceiverGroup) -> GroupItem {
    let key = Key::group(group.id);
    GroupItem {
        pk: key.partition,
        sk: key.sort,
        name: group.name.to_string(),
        r#type: group.r#type.to_string(),
        version: group.version.to_string(),
        description: group.description.to_string(),
        enabled: group.enabled,
        event_receiver_ids: group.event_receiver_ids.iter().map(ToString::to_string).collect(),
        repeat: group.repeat,
        notify_incomplete: group.notify_incomplete,
        updated_at: group.updated_at.map(|time| time.to_rfc3339()),
    }
}

fn group(item: Item) -> Result<EventReceiverGroup, StoreError> {
    let item: GroupItem = from_item(item)?;
    let key = item.pk.clone();
    read(item).ok_or_else(|| StoreError::InvalidItem(format!("the item {key} is no group")))
}

/// `None` if a member of the item breaks its rule.
fn read(item: GroupItem) -> Option<EventReceiverGroup> {
    let updated_at = match item.updated_at {
        Some(text) => Some(DateTime::parse_from_rfc3339(&text).ok()?.with_timezone(&Utc)),
        None => None,
    };
    let ids = item.event_receiver_ids.iter().map(|id| id.parse().ok());
    Some(EventReceiverGroup {
        id: item.pk.rsplit('#').next()?.parse().ok()?,
        name: item.name.try_into().ok()?,
        r#type: item.r#type.try_into().ok()?,
        version: item.version.try_into().ok()?,
        description: item.description.try_into().ok()?,
        enabled: item.enabled,
        event_receiver_ids: ids.collect::<Option<_>>()?,
        repeat: item.repeat,
        notify_incomplete: item.notify_incomplete,
        updated_at,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use xzepr_domain::{Caller, EventId, EventReceiverGroupRequest, GroupId, ReceiverId};

    use super::*;
    use crate::test_table::table;

    fn group(receivers: usize) -> (EventReceiverGroup, Event) {
        let ids: Vec<_> = (0..receivers).map(|_| ReceiverId::generate()).collect();
        let texts: Vec<_> = ids.iter().map(|id| format!(r#""{id}""#)).collect();
        let body = format!(
            r#"{{"name":"gate","type":"t","version":"1","description":"d","event_receiver_ids":[{}]}}"#,
            texts.join(",")
        );
        let request = EventReceiverGroupRequest::parse(&body).unwrap();
        let group = request.accept(&HashSet::from_iter(ids), GroupId::generate()).unwrap();
        let created = Event::group_created(&group, EventId::generate());
        (group, created)
    }

    #[tokio::test]
    async fn a_group_is_stored_with_all_of_its_memberships_and_its_event() {
        let table = table().await;
        for receivers in [0, 1, 96, 97, 98, 99, 250, 500] {
            let (group, created) = group(receivers);
            let id = table.create_group(&group, &created, None, None).await.unwrap();
            assert_eq!(id, group.id.to_string());
            assert!(table.get(Key::group(group.id)).await.unwrap().is_some());
            assert!(table.event(&Key::event(created.id)).await.unwrap().is_some_and(|event| event.is_ok()));
            for receiver in &group.event_receiver_ids {
                let membership = table.get(Key::membership(*receiver, group.id)).await.unwrap();
                assert!(membership.is_some(), "{receivers}: {receiver}");
            }
        }
    }

    #[tokio::test]
    async fn a_key_with_a_response_stores_no_second_group() {
        let table = table().await;
        let key = Idempotency::new(Caller::Anonymous, "key".parse().unwrap(), "/", "body");
        let (first, created) = group(2);
        let id = table.create_group(&first, &created, Some(&key), None).await.unwrap();
        let (second, created) = group(250);
        assert_eq!(table.create_group(&second, &created, Some(&key), None).await.unwrap(), id);
        assert!(table.get(Key::group(second.id)).await.unwrap().is_none());
    }
}
