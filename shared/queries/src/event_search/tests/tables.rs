//! Both tables on an embedded DynamoDB API.

use xzepr_domain::Event;
use xzepr_store::testing::{Requests, counted_tables};

use crate::event_search::EventTables;

/// Empty tables.
pub(super) async fn tables() -> (EventTables, Requests) {
    let (table, index, requests) = counted_tables().await;
    requests.take();
    (EventTables { table, index }, requests)
}

/// The tables with these events, as POSTs and the stream leave them.
pub(super) async fn tables_with(events: &[Event]) -> (EventTables, Requests) {
    let (tables, requests) = tables().await;
    for event in events {
        tables.table.put_event(event, None, None).await.unwrap();
    }
    tables.index.put_search_items(events).await.unwrap();
    requests.take();
    (tables, requests)
}
