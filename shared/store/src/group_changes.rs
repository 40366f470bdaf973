//! The change of a group: it is enabled or disabled.

use aws_sdk_dynamodb::types::{AttributeValue, Put, TransactWriteItem, Update};
use xzepr_domain::{CreatedBy, Event, EventReceiverGroup};

use crate::{
    condition::Condition,
    created_by::made_by,
    error::StoreError,
    event_items::EventItem,
    keys::Key,
    lists::listed_group,
    new_items::id_exists_error,
    table::{Item, Table, key_item, to_item},
    transaction::NotWritten,
};

/// The result of a request to change a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModifyOutcome {
    /// The group has changed, and its event is stored.
    Modified,
    /// The group was so already. Nothing is stored.
    Unchanged,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Group,
    List,
    Event,
}

impl Table {
    /// Stores whether an existing group is enabled, when it changed, and its modified event: all or nothing. Of requests
    /// at the same time, each that changes the group stores its own event. `changed` is the group after the change.
    pub async fn modify_group(
        &self,
        changed: &EventReceiverGroup,
        modified: &Event,
        created_by: Option<&CreatedBy>,
    ) -> Result<ModifyOutcome, StoreError> {
        let table = &*self.name;
        let event = made_by(to_item(EventItem::from(modified))?, created_by);
        // The other members never change, so the item of the list is written as a whole. A group of an earlier release may
        // have none.
        let writes = vec![
            (Part::Group, update(table, changed)?),
            (Part::List, put(table, listed_group(changed)?)?),
            (Part::Event, Condition::is_new().put(table, event)?),
        ];
        match self.transact(writes).await {
            Ok(()) => Ok(ModifyOutcome::Modified),
            Err(NotWritten::Refused { part: Part::Group, .. }) => Ok(ModifyOutcome::Unchanged),
            Err(NotWritten::Refused { part: Part::Event, .. }) => {
                Err(id_exists_error(&modified.id.to_string()))
            }
            Err(error) => Err(error.into()),
        }
    }
}

/// Changes the group, if it exists and is not so already.
fn update(table: &str, changed: &EventReceiverGroup) -> Result<TransactWriteItem, StoreError> {
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(key_item(&Key::group(changed.id))))
        .update_expression("SET #enabled = :enabled, #updated_at = :updated_at")
        .condition_expression("attribute_exists(pk) AND #enabled <> :enabled")
        .expression_attribute_names("#enabled", "enabled")
        .expression_attribute_names("#updated_at", "updated_at")
        .expression_attribute_values(":enabled", AttributeValue::Bool(changed.enabled))
        .expression_attribute_values(":updated_at", AttributeValue::S(changed.updated_at()))
        .build()
        .map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(TransactWriteItem::builder().update(update).build())
}

/// Replaces an item.
fn put(table: &str, item: Item) -> Result<TransactWriteItem, StoreError> {
    let put = Put::builder().table_name(table).set_item(Some(item)).build();
    let put = put.map_err(|error| StoreError::Failed(error.to_string()))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

#[cfg(test)]
mod tests {
    use xzepr_domain::EventId;
    use xzepr_fixtures::{RECEIVER, group};

    use super::*;
    use crate::{lists::GroupFilter, test_table::table};

    /// The change of a group, as a request makes it.
    fn change(group: &EventReceiverGroup, enabled: bool) -> (EventReceiverGroup, Event) {
        let id = EventId::generate();
        let changed = EventReceiverGroup { enabled, updated_at: id.time(), ..group.clone() };
        let modified = Event::group_modified(&changed, id);
        (changed, modified)
    }

    async fn stored_group(table: &Table) -> EventReceiverGroup {
        let group = group();
        let created = Event::group_created(&group, EventId::generate());
        table.create_group(&group, &created, None, None).await.unwrap();
        group
    }

    #[tokio::test]
    async fn a_change_is_stored_with_its_event_and_in_the_list() {
        let table = table().await;
        let group = stored_group(&table).await;
        let (changed, modified) = change(&group, false);
        let sender = CreatedBy::principal("alice");
        let outcome = table.modify_group(&changed, &modified, Some(&sender)).await.unwrap();
        assert_eq!(outcome, ModifyOutcome::Modified);
        assert_eq!(table.group(group.id).await.unwrap(), Some(changed.clone()));
        assert_eq!(table.find_event(modified.id).await.unwrap(), Some(modified.clone()));
        let item = table.get(Key::event(modified.id)).await.unwrap().unwrap();
        assert_eq!(item["created_by"], AttributeValue::S(sender.to_string()));
        let item = table.get(Key::listed_group(group.id)).await.unwrap();
        assert_eq!(item, Some(listed_group(&changed).unwrap()));
        let filter = GroupFilter {
            enabled: Some(false),
            event_receiver_id: Some(RECEIVER.parse().unwrap()),
            ..GroupFilter::default()
        };
        assert_eq!(table.group_ids(&filter).await.unwrap(), [group.id]);
    }

    #[tokio::test]
    async fn the_list_gets_the_item_that_an_earlier_release_did_not_write() {
        let table = table().await;
        let group = stored_group(&table).await;
        let key = Some(key_item(&Key::listed_group(group.id)));
        table.client.delete_item().table_name(&table.name).set_key(key).send().await.unwrap();
        let (changed, modified) = change(&group, false);
        table.modify_group(&changed, &modified, None).await.unwrap();
        let item = table.get(Key::listed_group(group.id)).await.unwrap();
        assert_eq!(item, Some(listed_group(&changed).unwrap()));
    }

    #[tokio::test]
    async fn a_change_that_changes_nothing_stores_nothing() {
        let table = table().await;
        let group = stored_group(&table).await;
        let (changed, modified) = change(&group, true);
        let outcome = table.modify_group(&changed, &modified, None).await.unwrap();
        assert_eq!(outcome, ModifyOutcome::Unchanged);
        assert_eq!(table.group(group.id).await.unwrap(), Some(group));
        assert_eq!(table.find_event(modified.id).await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_group_that_does_not_exist_is_not_created_by_a_change() {
        let table = table().await;
        let (changed, modified) = change(&group(), false);
        table.modify_group(&changed, &modified, None).await.unwrap();
        assert_eq!(table.group(changed.id).await.unwrap(), None);
        assert_eq!(table.find_event(modified.id).await.unwrap(), None);
        assert!(table.group_ids(&GroupFilter::default()).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn each_of_many_changes_at_the_same_time_has_its_event_if_it_changes_something() {
        let table = table().await;
        let group = stored_group(&table).await;
        let changes: Vec<_> = (0..40).map(|index| change(&group, index % 2 == 0)).collect();
        let outcomes = futures_util::future::join_all(
            changes.iter().map(|(changed, modified)| table.modify_group(changed, modified, None)),
        )
        .await;
        let mut modified = Vec::new();
        for ((changed, event), outcome) in changes.iter().zip(outcomes) {
            let is_stored = table.find_event(event.id).await.unwrap().is_some();
            assert_eq!(is_stored, outcome.unwrap() == ModifyOutcome::Modified);
            modified.extend(is_stored.then_some(changed.enabled));
        }
        // The group was enabled, so the changes alternate and begin with one that disables it.
        let disabled = modified.iter().filter(|enabled| !**enabled).count();
        let enabled = modified.len() - disabled;
        let is_enabled = table.group(group.id).await.unwrap().unwrap().enabled;
        assert!(disabled >= 1);
        assert_eq!(disabled - enabled, usize::from(!is_enabled));
    }
}
