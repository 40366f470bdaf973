//! Whole responses of the function on the embedded DynamoDB.

mod by_id;
mod event_lists;
mod lists;

use xzepr_domain::{Event, EventId, EventReceiver, EventReceiverGroup};
use xzepr_fixtures::{event_with_id, group, receiver};
use xzepr_http::testing::{request, respond};
use xzepr_settings::IndexSettings;
use xzepr_store::{
    Table,
    testing::{table, unreachable_table},
};

use super::QueryRegistry;

/// The id of [`event`].
const EVENT: &str = "01HM6AQH2G0000000000000000";

fn registry(table: &Table) -> QueryRegistry {
    let index = table.index(IndexSettings { table_name: "xzepr-index".to_owned() });
    QueryRegistry::new(table.clone(), index)
}

fn event() -> Event {
    event_with_id(EVENT.parse().unwrap())
}

async fn store_event(table: &Table, event: &Event) {
    table.put_event(event, None, None).await.unwrap();
}

async fn store_receiver(table: &Table, receiver: &EventReceiver) {
    let created = Event::receiver_created(receiver, EventId::generate());
    table.declare_receiver(receiver, &created, None, None).await.unwrap();
}

async fn store_group(table: &Table, group: &EventReceiverGroup) {
    let created = Event::group_created(group, EventId::generate());
    table.create_group(group, &created, None, None).await.unwrap();
}

/// A table with the event, its receiver and their group.
async fn filled() -> Table {
    let table = table().await;
    store_receiver(&table, &receiver()).await;
    store_group(&table, &group()).await;
    store_event(&table, &event()).await;
    table
}

async fn get(table: &Table, target: &str) -> String {
    respond(&registry(table).api(), request("GET", target, "")).await
}

/// The body of a response.
fn body(response: &str) -> &str {
    response.split_once("\n\n").map_or("", |(_, body)| body)
}
