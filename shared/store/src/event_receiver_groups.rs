//! Event receiver groups and their memberships.

use serde::Serialize;
use xzepr_domain::{Event, EventReceiverGroup, Idempotency};

use crate::{
    error::StoreError,
    event_items::EventItem,
    idempotency::{answer_item, kept_answer},
    keys::Key,
    table::{Table, to_item},
    transaction::{MAX_ITEMS, NewItem, Written},
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
    /// it exists its memberships mean nothing. Returns its id; with an idempotency key that was answered
    /// meanwhile, there is no new group, and that answer is returned.
    pub async fn create_group(
        &self,
        group: &EventReceiverGroup,
        created: &Event,
        idempotency: Option<&Idempotency>,
    ) -> Result<String, StoreError> {
        let id = group.id.to_string();
        let mut memberships = group
            .event_receiver_ids
            .iter()
            .map(|receiver| Key::membership(*receiver, group.id))
            .map(|key| to_item(MembershipItem { pk: key.partition, sk: key.sort }).map(NewItem::from))
            .collect::<Result<Vec<_>, _>>()?;
        let answer = idempotency.map(|idempotency| answer_item(idempotency, &id)).transpose()?;
        let group = [to_item(group_item(group))?, to_item(EventItem::from(created))?];
        let commit: Vec<_> = answer.into_iter().chain(group.map(NewItem::from)).collect();
        let taken = || StoreError::Failed(format!("the new id {id} is taken"));
        while memberships.len() + commit.len() > MAX_ITEMS {
            let rest = memberships.split_off(memberships.len().min(MAX_ITEMS));
            if let Written::Exists { .. } = self.put_new(memberships).await? {
                return Err(taken());
            }
            memberships = rest;
        }
        match (self.put_new([commit, memberships].concat()).await?, idempotency) {
            (Written::All, _) => Ok(id),
            (Written::Exists { index: 0, item }, Some(idempotency)) => kept_answer(item, idempotency),
            (Written::Exists { .. }, _) => Err(taken()),
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
