//! The search of events: each access pattern, the pages and their cursors.

mod cursors;
mod pages;
mod patterns;
mod refusals;

use end_to_end::System;
use local::samples;
use serde_json::{Value, json};

const EVENTS: &str = "/api/v1/events";

/// The ids of a page.
fn ids(page: &Value) -> Vec<String> {
    let entries = page["data"].as_array().unwrap().iter();
    entries.map(|entry| entry["id"].as_str().unwrap().to_owned()).collect()
}

/// Creates an event with some members that differ from the sample's.
async fn create(system: &System, receiver: &str, members: &Value) -> String {
    let mut body = samples::event(receiver);
    for (name, value) in members.as_object().unwrap() {
        body[name] = value.clone();
    }
    system.create(EVENTS, &body).await
}

/// Reads all pages of a search, each from the cursor of the one before.
async fn all_pages(system: &System, query: &str) -> Vec<Value> {
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = system.read(&format!("{EVENTS}?{query}{cursor}")).await;
        let pagination = &page["pagination"];
        assert_eq!(pagination["has_more"], pagination["next"] != Value::Null, "{query}: {page}");
        let next = pagination["next"].as_str().map(|next| format!("&cursor={next}"));
        pages.push(page);
        let Some(next) = next else { return pages };
        assert_ne!(next, cursor, "{query}");
        cursor = next;
        assert!(pages.len() < 1000, "{query}: the search does not end");
    }
}

/// The ids that a search finds in all of its pages.
async fn found(system: &System, query: &str) -> Vec<String> {
    all_pages(system, query).await.iter().flat_map(ids).collect()
}

/// Events of one name, as many as asked for, which can be found by it.
async fn indexed(system: &System, receiver: &str, name: &str, count: usize) -> Vec<String> {
    let mut events = Vec::with_capacity(count);
    for _ in 0..count {
        events.push(create(system, receiver, &json!({"name": name})).await);
    }
    system.await_indexed(&events).await;
    events
}
