use xzepr_domain::EventId;
use xzepr_fixtures::{event, group, receiver};

use super::*;
use crate::test_table::table;

fn text(text: &str) -> ShortText {
    text.to_owned().try_into().unwrap()
}

async fn declare(table: &Table, name: &str, version: &str) -> EventReceiver {
    let receiver =
        EventReceiver { id: ReceiverId::generate(), name: text(name), version: text(version), ..receiver() };
    let created = Event::receiver_created(&receiver, EventId::generate());
    table.declare_receiver(&receiver, &created, None, None).await.unwrap();
    receiver
}

/// Two groups cannot have the same millisecond, so that their order is known.
async fn create(table: &Table, change: impl FnOnce(&mut EventReceiverGroup)) -> EventReceiverGroup {
    let mut group = EventReceiverGroup { id: GroupId::generate(), ..group() };
    change(&mut group);
    let created = Event::group_created(&group, EventId::generate());
    table.create_group(&group, &created, None, None).await.unwrap();
    group
}

/// The ids in the order of the list.
fn newest_first<Id: Ord + Copy>(ids: &[Id]) -> Vec<Id> {
    let mut ids = ids.to_vec();
    ids.sort_unstable_by(|one, other| other.cmp(one));
    ids
}

#[tokio::test]
async fn a_receiver_is_in_the_list_at_once_and_is_found_by_each_of_its_members() {
    let table = table().await;
    let a1 = declare(&table, "a", "1").await;
    let a2 = declare(&table, "a", "2").await;
    let b1 = declare(&table, "b", "1").await;
    let find = async |filter: ReceiverFilter| table.receiver_ids(&filter).await.unwrap();
    assert_eq!(find(ReceiverFilter::default()).await, newest_first(&[a1.id, a2.id, b1.id]));
    let name = Some(text("a"));
    assert_eq!(
        find(ReceiverFilter { name: name.clone(), ..Default::default() }).await,
        newest_first(&[a1.id, a2.id])
    );
    let version = Some(text("1"));
    assert_eq!(find(ReceiverFilter { name, version, ..Default::default() }).await, [a1.id]);
    let fingerprint = Some(b1.fingerprint());
    assert_eq!(find(ReceiverFilter { fingerprint, ..Default::default() }).await, [b1.id]);
    let r#type = Some(b1.r#type.clone());
    assert_eq!(find(ReceiverFilter { r#type, ..Default::default() }).await.len(), 3);
    let r#type = Some(text("none"));
    assert!(find(ReceiverFilter { r#type, ..Default::default() }).await.is_empty());
}

#[tokio::test]
async fn a_receiver_that_is_declared_again_is_in_the_list_once() {
    let table = table().await;
    let declared = declare(&table, "a", "1").await;
    declare(&table, "a", "1").await;
    assert_eq!(table.receiver_ids(&ReceiverFilter::default()).await.unwrap(), [declared.id]);
}

#[tokio::test]
async fn a_group_is_found_by_its_state_and_by_each_of_its_receivers() {
    let table = table().await;
    let (one, other) = (ReceiverId::generate(), ReceiverId::generate());
    let both = create(&table, |group| group.event_receiver_ids = vec![one, other]).await;
    let disabled = create(&table, |group| {
        group.event_receiver_ids = vec![other];
        group.enabled = false;
    })
    .await;
    let empty = create(&table, |group| group.event_receiver_ids.clear()).await;
    let find = async |filter: GroupFilter| table.group_ids(&filter).await.unwrap();
    assert_eq!(find(GroupFilter::default()).await, newest_first(&[both.id, disabled.id, empty.id]));
    let of = |receiver| GroupFilter { event_receiver_id: Some(receiver), ..Default::default() };
    assert_eq!(find(of(one)).await, [both.id]);
    assert_eq!(find(of(other)).await, newest_first(&[both.id, disabled.id]));
    assert_eq!(find(GroupFilter { enabled: Some(false), ..of(other) }).await, [disabled.id]);
    assert_eq!(
        find(GroupFilter { enabled: Some(true), ..Default::default() }).await,
        newest_first(&[both.id, empty.id])
    );
    assert!(find(of(ReceiverId::generate())).await.is_empty());
}

#[tokio::test]
async fn a_membership_without_its_group_lists_nothing() {
    let table = table().await;
    let receiver = ReceiverId::generate();
    // A large group's memberships are written before it, and its creation can fail between them.
    let Key { partition, sort } = Key::membership(receiver, GroupId::generate());
    let item = [(PARTITION_KEY, partition), (SORT_KEY, sort)]
        .map(|(name, value)| (name.to_owned(), AttributeValue::S(value)));
    let item = Some(item.into());
    table.client.put_item().table_name(&table.name).set_item(item).send().await.unwrap();
    let filter = GroupFilter { event_receiver_id: Some(receiver), ..Default::default() };
    assert!(table.group_ids(&filter).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_list_of_more_than_a_megabyte_is_read_whole() {
    let table = table().await;
    let long = "x".repeat(255);
    let ids: Vec<_> = (0..1500).map(|_| ReceiverId::generate()).collect();
    for ids in ids.chunks(100) {
        let items = ids.iter().map(|id| {
            let receiver = EventReceiver {
                id: *id,
                name: text(&long),
                r#type: text(&long),
                version: text(&long),
                ..receiver()
            };
            NewItem::new(Role::Entity, listed_receiver(&receiver).unwrap())
        });
        table.create(items.collect()).await.unwrap();
    }
    assert_eq!(table.receiver_ids(&ReceiverFilter::default()).await.unwrap(), newest_first(&ids));
    let name = Some(text(&long));
    let found = table.receiver_ids(&ReceiverFilter { name, ..Default::default() }).await.unwrap();
    assert_eq!(found.len(), ids.len());
}

async fn remove(table: &Table, key: Key) {
    let key = Some(crate::table::key_item(&key));
    table.client.delete_item().table_name(&table.name).set_key(key).send().await.unwrap();
}

#[tokio::test]
async fn a_missing_item_is_restored_from_the_created_event() {
    let table = table().await;
    let receiver = declare(&table, "a", "1").await;
    let group = create(&table, |_| {}).await;
    let (receiver_key, group_key) = (Key::listed_receiver(receiver.id), Key::listed_group(group.id));
    let before = [
        table.get(receiver_key.clone()).await.unwrap().unwrap(),
        table.get(group_key.clone()).await.unwrap().unwrap(),
    ];
    remove(&table, receiver_key.clone()).await;
    remove(&table, group_key.clone()).await;
    assert!(table.receiver_ids(&ReceiverFilter::default()).await.unwrap().is_empty());
    for created in [
        Event::receiver_created(&receiver, EventId::generate()),
        Event::group_created(&group, EventId::generate()),
        event(),
    ] {
        table.restore_list_item(&created).await.unwrap();
        table.restore_list_item(&created).await.unwrap();
    }
    let after =
        [table.get(receiver_key).await.unwrap().unwrap(), table.get(group_key).await.unwrap().unwrap()];
    assert_eq!(after, before);
}

#[tokio::test]
async fn an_item_that_is_restored_has_the_present_state_of_its_group() {
    let table = table().await;
    let group = create(&table, |_| {}).await;
    let created = Event::group_created(&group, EventId::generate());
    let modified = EventId::generate();
    let disabled = EventReceiverGroup { enabled: false, updated_at: modified.time(), ..group.clone() };
    let event = Event::group_modified(&disabled, modified);
    table.modify_group(&disabled, &event, None).await.unwrap();
    let is_disabled = GroupFilter { enabled: Some(false), ..Default::default() };
    for is_lost in [false, true] {
        if is_lost {
            remove(&table, Key::listed_group(group.id)).await;
        }
        table.restore_list_item(&created).await.unwrap();
        assert_eq!(table.group_ids(&is_disabled).await.unwrap(), [group.id], "{is_lost}");
    }
}

#[tokio::test]
async fn an_event_of_a_receiver_or_a_group_that_does_not_exist_restores_nothing() {
    let table = table().await;
    let events = [
        Event::receiver_created(&receiver(), EventId::generate()),
        Event::group_created(&group(), EventId::generate()),
    ];
    for created in events {
        table.restore_list_item(&created).await.unwrap();
    }
    assert!(table.receiver_ids(&ReceiverFilter::default()).await.unwrap().is_empty());
    assert!(table.group_ids(&GroupFilter::default()).await.unwrap().is_empty());
}
