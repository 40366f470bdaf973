//! Cursors: a search continues where its page ended, and no other search can.

use end_to_end::System;
use serde_json::json;

use super::{EVENTS, found, ids, indexed};

/// The cursor after the first event of a search.
async fn cursor(system: &System, query: &str) -> String {
    let page = system.read(&format!("{EVENTS}?{query}&limit=1")).await;
    page["pagination"]["next"].as_str().unwrap_or_else(|| panic!("{query}: {page}")).to_owned()
}

async fn assert_refused(system: &System, query: &str) {
    let refused = system.get(&format!("{EVENTS}?{query}")).await;
    assert_eq!(
        (refused.status, &refused.body["error"]),
        (400, &json!("invalid_cursor")),
        "{query}: {refused}"
    );
    assert_eq!(refused.body["field"], "cursor", "{query}: {refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_any_size_have_every_event_once_in_order() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let mut events = indexed(&system, &receiver, "n", 11).await;
    events.reverse();
    for query in
        ["name=n".to_owned(), format!("event_receiver_id={receiver}&version=2.1.0"), "package=myapp".into()]
    {
        for limit in [1, 3, 10, 11, 1000] {
            assert_eq!(found(&system, &format!("{query}&limit={limit}")).await, events, "{query}, {limit}");
        }
        let mut ascending = found(&system, &format!("{query}&limit=4&sort=created_at:asc")).await;
        ascending.reverse();
        assert_eq!(ascending, events, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_are_posted_between_two_pages_neither_move_nor_repeat_any() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let events = indexed(&system, &receiver, "n", 4).await;
    let cursor = cursor(&system, "name=n").await;
    indexed(&system, &receiver, "n", 3).await;
    let rest = system.read(&format!("{EVENTS}?name=n&limit=10&cursor={cursor}")).await;
    let expected: Vec<_> = events.iter().rev().skip(1).cloned().collect();
    assert_eq!(ids(&rest), expected, "{rest}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_with_other_filters_or_another_order_is_refused() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    indexed(&system, &receiver, "n", 3).await;
    let cursor = cursor(&system, "name=n&success=true").await;
    for query in [
        "name=m&success=true",
        "name=n",
        "name=n&success=false",
        "name=n&success=true&version=2.1.0",
        "name=n&success=true&sort=created_at:asc",
        "name=n&success=true&to=2100-01-01T00:00:00Z",
        "version=n&success=true",
        "limit=1",
    ] {
        assert_refused(&system, &format!("{query}&cursor={cursor}")).await;
    }
    // The number of events and their payloads may change from page to page.
    for further in ["limit=2", "limit=1000&payload=true", "sort=created_at:desc"] {
        let page = system.read(&format!("{EVENTS}?success=true&name=n&{further}&cursor={cursor}")).await;
        assert_eq!(ids(&page).len(), 2, "{further}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_that_was_altered_cut_or_is_of_another_version_is_refused() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    indexed(&system, &receiver, "n", 3).await;
    let cursor = cursor(&system, "name=n").await;
    let mut altered = vec![
        cursor[1..].to_owned(),
        cursor[..cursor.len() - 1].to_owned(),
        format!("{cursor}A"),
        format!("{cursor}%3D"),
        "x".to_owned(),
        "%00".to_owned(),
        "e30".to_owned(),
        "01HJ1K2M3N4P5Q6R7S8T9V0W1X".to_owned(),
        // {"v":99}
        "eyJ2Ijo5OX0".to_owned(),
    ];
    // The first character has the version.
    for first in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".chars() {
        let other = format!("{first}{}", &cursor[1..]);
        altered.extend((other != cursor).then_some(other));
    }
    for cursor in altered {
        assert_refused(&system, &format!("name=n&cursor={cursor}")).await;
    }
}
