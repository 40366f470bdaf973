//! The lists of receivers and groups. Each is one partition with an item for each receiver or group, which is written in
//! the transaction that creates it. So whoever creates one finds it in the list at once.

use std::collections::HashSet;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use xzepr_domain::{
    Event, EventKind, EventReceiver, EventReceiverGroup, Fingerprint, GroupId, ReceiverId, ShortText,
};

use crate::{
    condition::Condition,
    error::StoreError,
    keys::{GROUP_LIST, Key, PARTITION_KEY, RECEIVER_LIST, SORT_KEY},
    new_items::{NewItem, Role},
    table::{Item, Table, to_item},
};

/// The members that listed receivers have. A member that is `None` may have any value.
#[derive(Debug, Clone, Default)]
pub struct ReceiverFilter {
    /// The receiver's name.
    pub name: Option<ShortText>,
    /// The kind of step.
    pub r#type: Option<ShortText>,
    /// The receiver's version.
    pub version: Option<ShortText>,
    /// The public fingerprint.
    pub fingerprint: Option<Fingerprint>,
}

/// The members that listed groups have. A member that is `None` may have any value.
#[derive(Debug, Clone, Default)]
pub struct GroupFilter {
    /// The group's name.
    pub name: Option<ShortText>,
    /// The kind of gate.
    pub r#type: Option<ShortText>,
    /// The group's version.
    pub version: Option<ShortText>,
    /// Whether the gate is in use.
    pub enabled: Option<bool>,
    /// A receiver of the group.
    pub event_receiver_id: Option<ReceiverId>,
}

/// An item of a list.
#[derive(Serialize)]
struct ListItem<'a> {
    pk: String,
    sk: String,
    name: &'a str,
    r#type: &'a str,
    version: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    enabled: Option<bool>,
}

/// The part of the payload of a created group's event that names the group.
#[derive(Deserialize)]
struct CreatedGroup {
    group_id: String,
}

impl Table {
    /// The ids of the receivers that match a filter, newest first. Each request of DynamoDB reads 1 MB of the list, about
    /// 4,000 receivers, and sees every write that ended before it began.
    pub async fn receiver_ids(&self, filter: &ReceiverFilter) -> Result<Vec<ReceiverId>, StoreError> {
        let texts = [("name", &filter.name), ("type", &filter.r#type), ("version", &filter.version)];
        let fingerprint = filter.fingerprint.as_ref().map(|print| is("fingerprint", &print.to_string()));
        let ids = self.listed(RECEIVER_LIST, texts_are(texts).chain(fingerprint)).await?;
        Ok(ids.iter().filter_map(|id| id.parse().ok()).collect())
    }

    /// The ids of the groups that match a filter, newest first. It reads as [`receiver_ids`](Self::receiver_ids) does.
    pub async fn group_ids(&self, filter: &GroupFilter) -> Result<Vec<GroupId>, StoreError> {
        let members: Option<HashSet<_>> = match filter.event_receiver_id {
            Some(receiver) => Some(self.groups_of(receiver).await?.into_iter().collect()),
            None => None,
        };
        let texts = [("name", &filter.name), ("type", &filter.r#type), ("version", &filter.version)];
        let enabled = filter.enabled.map(|enabled| member_is("enabled", AttributeValue::Bool(enabled)));
        let ids = self.listed(GROUP_LIST, texts_are(texts).chain(enabled)).await?;
        let ids = ids.iter().filter_map(|id| id.parse().ok());
        Ok(ids.filter(|id| members.as_ref().is_none_or(|members| members.contains(id))).collect())
    }

    /// Stores the item of a list again that belongs to the receiver or the group of a created event, if it is missing. An
    /// earlier release has created receivers and groups without such an item. It changes no item that exists, and does
    /// nothing for other events.
    pub async fn restore_list_item(&self, created: &Event) -> Result<(), StoreError> {
        let item = match created.kind {
            EventKind::ReceiverCreated => {
                self.receiver(created.event_receiver_id).await?.as_ref().map(listed_receiver)
            }
            // The group is read, since it may have changed since then. A change writes the item too, so a change between
            // the two requests leaves nothing to restore.
            EventKind::GroupCreated => match created_group(created) {
                Some(id) => self.group(id).await?.as_ref().map(listed_group),
                None => None,
            },
            _ => None,
        };
        let Some(item) = item.transpose()? else { return Ok(()) };
        self.create(vec![NewItem::new(Role::Entity, item)]).await.map(drop)
    }

    /// The sort keys of the items of a list that match all conditions, the highest first.
    async fn listed(
        &self,
        list: &str,
        conditions: impl Iterator<Item = Condition>,
    ) -> Result<Vec<String>, StoreError> {
        let is_in_list = Condition::new("#pk = :pk").value(":pk", AttributeValue::S(list.to_owned()));
        let key = is_in_list.name("#pk", PARTITION_KEY).name("#sk", SORT_KEY);
        let filter = conditions.reduce(Condition::and);
        let mut names = key.names;
        let mut values = key.values;
        let filter = filter.map(|filter| {
            names.extend(filter.names);
            values.extend(filter.values);
            filter.expression
        });
        let mut ids = Vec::new();
        let mut start_key = None;
        loop {
            let output = self
                .client
                .query()
                .table_name(&self.name)
                .key_condition_expression(&key.expression)
                .set_filter_expression(filter.clone())
                .projection_expression("#sk")
                .set_expression_attribute_names(Some(names.clone()))
                .set_expression_attribute_values(Some(values.clone()))
                .scan_index_forward(false)
                .consistent_read(true)
                .set_exclusive_start_key(start_key)
                .send()
                .await?;
            let items = output.items.unwrap_or_default();
            ids.extend(items.iter().filter_map(|item| item.get(SORT_KEY)?.as_s().ok().cloned()));
            start_key = output.last_evaluated_key;
            if start_key.is_none() {
                return Ok(ids);
            }
        }
    }
}

/// The item of a receiver in the list of receivers.
pub(crate) fn listed_receiver(receiver: &EventReceiver) -> Result<Item, StoreError> {
    let Key { partition, sort } = Key::listed_receiver(receiver.id);
    to_item(ListItem {
        pk: partition,
        sk: sort,
        name: &receiver.name,
        r#type: &receiver.r#type,
        version: &receiver.version,
        fingerprint: Some(receiver.fingerprint().to_string()),
        enabled: None,
    })
}

/// The item of a group in the list of groups.
pub(crate) fn listed_group(group: &EventReceiverGroup) -> Result<Item, StoreError> {
    let Key { partition, sort } = Key::listed_group(group.id);
    to_item(ListItem {
        pk: partition,
        sk: sort,
        name: &group.name,
        r#type: &group.r#type,
        version: &group.version,
        fingerprint: None,
        enabled: Some(group.enabled),
    })
}

fn created_group(created: &Event) -> Option<GroupId> {
    let group: CreatedGroup = serde_json::from_str(created.payload.as_str()).ok()?;
    group.group_id.parse().ok()
}

fn texts_are(texts: [(&'static str, &Option<ShortText>); 3]) -> impl Iterator<Item = Condition> {
    texts.into_iter().filter_map(|(name, text)| Some(is(name, text.as_deref()?)))
}

fn is(name: &str, text: &str) -> Condition {
    member_is(name, AttributeValue::S(text.to_owned()))
}

fn member_is(name: &str, value: AttributeValue) -> Condition {
    let (attribute, expected) = (format!("#{name}"), format!(":{name}"));
    Condition::new(format!("{attribute} = {expected}")).name(&attribute, name).value(&expected, value)
}

#[cfg(test)]
mod tests;
