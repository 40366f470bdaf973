//! Pages are bounded: by their count, by the bytes of an answer, and by the time of a search.

use std::collections::BTreeSet;

use end_to_end::System;
use serde_json::{Value, json};

use super::{all_pages, create, ids};

/// The bytes of a function's answer: a body is a JSON string in it.
fn answer_bytes(page: &Value) -> usize {
    serde_json::to_string(&page.to_string()).unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_whose_payloads_exceed_an_answer_is_cut_into_pages() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    // A quotation mark of a payload is `\"` there, and four bytes in Lambda's answer.
    let payload = json!({"commit": "\"".repeat(120_000)});
    let mut created = BTreeSet::new();
    for _ in 0..14 {
        created.insert(create(&system, &receiver, &json!({"name": "large", "payload": payload})).await);
    }
    system.await_indexed(&created.iter().cloned().collect::<Vec<_>>()).await;
    for query in ["name=large", "package=myapp"] {
        let pages = all_pages(&system, &format!("{query}&payload=true&limit=1000")).await;
        let found: Vec<_> = pages.iter().flat_map(ids).collect();
        assert!(pages.len() > 1, "{query}: {} pages", pages.len());
        assert!(pages.iter().all(|page| answer_bytes(page) < 6 * 1024 * 1024), "{query}");
        assert_eq!(found.len(), created.len(), "{query}");
        assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), created, "{query}");
        let without = all_pages(&system, query).await;
        assert_eq!(without.len(), 1, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_matches_little_ends_with_what_it_found_and_a_place_to_go_on() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let rare = create(&system, &receiver, &json!({"package": "rare"})).await;
    for _ in 0..150 {
        create(&system, &receiver, &json!({})).await;
    }
    let pages = all_pages(&system, "package=rare&limit=50").await;
    let found: Vec<_> = pages.iter().flat_map(ids).collect();
    assert_eq!(found, [rare]);
    let none = all_pages(&system, "package=none").await;
    assert_eq!(none.last().unwrap()["data"], json!([]));
}
