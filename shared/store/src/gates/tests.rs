use xzepr_domain::{
    Event, EventId, EventReceiverGroup,
    gate::{Gate, Greens, Reds, evaluate},
};
use xzepr_fixtures::{event_with_id, group};
use xzepr_settings::IndexSettings;

use super::*;
use crate::{index::Index, test_table::table};

/// The index of a table, in the table itself, since their keys differ.
fn index(table: &Table) -> Index {
    table.index(IndexSettings { table_name: table.name.clone() })
}

fn posted(ms: u64, success: bool) -> Event {
    Event { success, ..event_with_id(EventId::first_of(ms)) }
}

async fn stored_group(table: &Table) -> EventReceiverGroup {
    let group = group();
    let created = Event::group_created(&group, EventId::generate());
    table.create_group(&group, &created, None, None).await.unwrap();
    group
}

/// The commit that the facts in the table demand.
async fn demanded(table: &Table, group: &EventReceiverGroup) -> Option<Commit> {
    let artifact = posted(1, true).artifact();
    let greens = index(table).greens(&artifact).await.unwrap();
    let reds = table.reds(&artifact).await.unwrap();
    let gate = table.gate(&artifact, group.id).await.unwrap();
    evaluate(group, &artifact, &greens, &reds, &gate, EventId::generate())
}

#[tokio::test]
async fn a_failed_event_is_in_the_ledger_when_its_post_ends_and_a_successful_one_is_not() {
    let table = table().await;
    let artifact = posted(1, true).artifact();
    table.put_event(&posted(1, true), None, None).await.unwrap();
    assert_eq!(table.reds(&artifact).await.unwrap(), Reds::default());
    for (ms, latest, revision) in [(3, 3, 1), (2, 3, 1), (4, 4, 2)] {
        let red = posted(ms, false);
        table.put_event(&red, None, None).await.unwrap();
        assert!(table.find_event(red.id).await.unwrap().is_some(), "{ms}");
        let reds = table.reds(&artifact).await.unwrap();
        assert_eq!(reds.latest.get(red.event_receiver_id), Some(EventId::first_of(latest)));
        assert_eq!(reds.revision, revision, "{ms}");
    }
    table.raise_red(&posted(4, false)).await.unwrap();
    assert_eq!(table.reds(&artifact).await.unwrap().revision, 2);
}

#[tokio::test]
async fn the_greens_are_the_latest_ones_in_any_order_and_name_overrides() {
    let table = table().await;
    let (index, receiver) = (index(&table), posted(1, true).event_receiver_id);
    let overriding = Event { is_override: true, ..posted(3, true) };
    for (event, latest, overrides) in
        [(posted(2, true), 2, 0), (overriding.clone(), 3, 1), (posted(1, true), 3, 1), (overriding, 3, 1)]
    {
        let greens = index.raise_green(&event).await.unwrap();
        assert_eq!(greens.latest.get(receiver), Some(EventId::first_of(latest)));
        assert_eq!(greens.overrides.len(), overrides);
        assert_eq!(index.greens(&event.artifact()).await.unwrap(), greens);
    }
    let greens = index.raise_green(&posted(4, true)).await.unwrap();
    assert_eq!(greens.overrides.len(), 0);
}

#[tokio::test]
async fn a_commit_changes_the_gate_and_stores_its_event_once() {
    let table = table().await;
    let group = stored_group(&table).await;
    let green = posted(1, true);
    index(&table).raise_green(&green).await.unwrap();
    let commit = demanded(&table, &group).await.unwrap();
    let artifact = green.artifact();
    assert_eq!(table.commit(&artifact, &commit).await.unwrap(), CommitOutcome::Committed);
    assert_eq!(table.gate(&artifact, group.id).await.unwrap(), commit.gate);
    assert_eq!(table.gates(&artifact).await.unwrap(), [(group.id, commit.gate.clone())]);
    let event = commit.events.complete.clone().unwrap();
    assert_eq!(table.find_event(event.id).await.unwrap(), Some(event));
    assert_eq!(table.commit(&artifact, &commit).await.unwrap(), CommitOutcome::Changed);
    assert_eq!(demanded(&table, &group).await, None);
}

/// The table refuses a commit in the cases in which [`Commit::holds`] is false.
#[tokio::test]
async fn a_commit_is_refused_when_the_facts_have_changed() {
    let disabled = EventReceiverGroup { enabled: false, ..group() };
    for (group, later, refused) in [
        (group(), None, None),
        (group(), Some(posted(2, false)), Some(CommitOutcome::Changed)),
        (disabled, None, Some(CommitOutcome::Disabled)),
    ] {
        let table = table().await;
        let created = Event::group_created(&group, EventId::generate());
        table.create_group(&group, &created, None, None).await.unwrap();
        let artifact = posted(1, true).artifact();
        index(&table).raise_green(&posted(1, true)).await.unwrap();
        let commit = demanded(&table, &group).await.unwrap();
        if let Some(red) = &later {
            table.put_event(red, None, None).await.unwrap();
        }
        let reds = table.reds(&artifact).await.unwrap();
        assert_eq!(commit.holds(&Gate::default(), &reds, group.enabled), refused.is_none());
        let outcome = table.commit(&artifact, &commit).await.unwrap();
        assert_eq!(outcome, refused.unwrap_or(CommitOutcome::Committed));
        let event = commit.events.completion().unwrap();
        assert_eq!(table.find_event(event).await.unwrap().is_some(), refused.is_none());
    }
}

#[tokio::test]
async fn a_ledger_or_a_gate_without_a_revision_cannot_be_read() {
    let table = table().await;
    let group = stored_group(&table).await;
    let artifact = posted(1, true).artifact();
    table.put_event(&posted(1, false), None, None).await.unwrap();
    index(&table).raise_green(&posted(2, true)).await.unwrap();
    let commit = demanded(&table, &group).await.unwrap();
    table.commit(&artifact, &commit).await.unwrap();
    for key in [Key::reds(&artifact), Key::gate(&artifact, group.id)] {
        let mut item = table.get(key).await.unwrap().unwrap();
        item.insert(REVISION.to_owned(), AttributeValue::N("0".to_owned()));
        table.client.put_item().table_name(&table.name).set_item(Some(item)).send().await.unwrap();
    }
    let (reds, gate) = (table.reds(&artifact).await, table.gate(&artifact, group.id).await);
    assert!(matches!(reds, Err(StoreError::InvalidItem(_))), "{reds:?}");
    assert!(matches!(gate, Err(StoreError::InvalidItem(_))), "{gate:?}");
}

#[tokio::test]
async fn an_item_without_room_for_a_further_receiver_refuses_it_and_keeps_the_others() {
    let table = table().await;
    let index = index(&table);
    let receivers = 8_000;
    let event = |receiver: u64, success| Event {
        event_receiver_id: EventId::first_of(receiver).to_string().parse().unwrap(),
        ..posted(receiver, success)
    };
    let artifact = posted(1, true).artifact();
    let mut full = table.get(Key::reds(&artifact)).await.unwrap().unwrap_or_default();
    full.extend(crate::table::key_item(&Key::reds(&artifact)));
    full.insert(REVISION.to_owned(), AttributeValue::N("1".to_owned()));
    let mut bytes = 0;
    let entries = (0..receivers).map(|receiver| event(receiver, false)).take_while(|event| {
        bytes += event.event_receiver_id.to_string().len() + event.id.to_string().len();
        bytes < 400 * 1024 - 200
    });
    let entries: Vec<_> = entries.collect();
    for event in &entries {
        let id = AttributeValue::S(event.id.to_string());
        full.insert(event.event_receiver_id.to_string(), id);
    }
    table.client.put_item().table_name(&table.name).set_item(Some(full.clone())).send().await.unwrap();
    full.extend(crate::table::key_item(&Key::greens(&artifact)));
    full.remove(REVISION);
    table.client.put_item().table_name(&table.name).set_item(Some(full)).send().await.unwrap();
    let mut refused = None;
    for receiver in receivers..receivers + 10 {
        if let Err(error) = table.put_event(&event(receiver, false), None, None).await {
            refused = Some((receiver, error));
            break;
        }
    }
    let (receiver, error) = refused.unwrap();
    assert!(matches!(error, StoreError::ArtifactFull), "{error:?}");
    assert_eq!(table.find_event(event(receiver, false).id).await.unwrap(), None);
    assert!(table.reds(&artifact).await.unwrap().latest.len() >= entries.len());
    let mut greens: Result<Greens, StoreError> = index.greens(&artifact).await;
    for receiver in receivers..receivers + 10 {
        greens = index.raise_green(&event(receiver, true)).await;
    }
    assert!(matches!(greens, Err(StoreError::ArtifactFull)), "{greens:?}");
}
