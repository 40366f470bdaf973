//! Event receiver groups and their memberships.

use serde::Serialize;
use xzepr_domain::{Event, EventReceiverGroup};

use crate::{
    error::StoreError,
    event_items::EventItem,
    keys::Key,
    table::{Table, to_item},
    transaction::{MAX_ITEMS, Written},
};

#[derive(Serialize)]
struct GroupItem {
    pk: String,
    sk: String,
    name: String,
    r#type: String,
    version: String,
    description: String,
    enabled: bool,
    event_receiver_ids: Vec<String>,
}

#[derive(Serialize)]
struct MembershipItem {
    pk: String,
    sk: String,
}

impl Table {
    /// Stores a group, its memberships and its created event: in one transaction where they fit. The
    /// memberships of a larger group are written before it; the group is the commit point, and until
    /// it exists its memberships mean nothing.
    pub async fn create_group(&self, group: &EventReceiverGroup, created: &Event) -> Result<(), StoreError> {
        let mut memberships = group
            .event_receiver_ids
            .iter()
            .map(|receiver| Key::membership(*receiver, group.id))
            .map(|key| to_item(MembershipItem { pk: key.partition, sk: key.sort }))
            .collect::<Result<Vec<_>, _>>()?;
        let commit = vec![to_item(group_item(group))?, to_item(EventItem::from(created))?];
        while memberships.len() + commit.len() > MAX_ITEMS {
            let rest = memberships.split_off(memberships.len().min(MAX_ITEMS));
            self.put_all_new(memberships).await?;
            memberships = rest;
        }
        self.put_all_new([commit, memberships].concat()).await
    }

    async fn put_all_new(&self, items: Vec<crate::table::Item>) -> Result<(), StoreError> {
        match self.put_new(items).await? {
            Written::All => Ok(()),
            Written::FirstExists(_) => Err(StoreError::Failed("the new group's key is taken".to_owned())),
        }
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
    }
}
