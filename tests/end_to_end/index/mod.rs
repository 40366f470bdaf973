//! The index table is dropped and built again from the events, while callers post.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use end_to_end::{Item, System, eventually};
use local::samples;
use serde_json::{Value, json};

const REPLAYS: &str = "/api/v1/admin/replay-events";
const TYPE: &str = "com.example.gate";

/// Longer than a rebuild of these events.
const ENDS_WITHIN: Duration = Duration::from_secs(90);

/// The index table's items by their keys.
type Index = BTreeMap<(String, String), Item>;

/// Posts an event with this release.
async fn post(system: &System, receiver: &str, release: &str, success: bool) -> String {
    let mut event = samples::event(receiver);
    (event["release"], event["success"]) = (json!(release), json!(success));
    system.create("/api/v1/events", &event).await
}

/// Builds the index from all events until now, and waits for the end.
async fn rebuild(system: &System) -> Value {
    let yesterday = chrono::Utc::now() - chrono::TimeDelta::days(1);
    let start = yesterday.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
    let query = format!("start={start}&end={}&target=index", system.now().await);
    let started = system.post(&format!("{REPLAYS}?{query}"), "").await;
    assert_eq!(started.status, 202, "{started}");
    let path = format!("/api/v1/admin/replays/{}", started.id());
    eventually(ENDS_WITHIN, async || {
        let replay = system.read(&path).await["data"].take();
        if replay["state"] == "done" { Ok(replay) } else { Err(replay) }
    })
    .await
}

/// The items of the gates in the table, which no rebuild may change.
async fn gates(system: &System) -> Vec<Item> {
    let mut gates = Vec::new();
    for (pk, sk) in system.keys().await.into_iter().filter(|(pk, _)| pk.starts_with("ARTIFACT#")) {
        gates.push(system.item(&pk, &sk).await.unwrap());
    }
    gates
}

/// The completions that the topic has announced until nothing more arrives, as group, release and number.
fn completions(system: &System) -> Vec<(String, String, u64)> {
    let messages = system.further_messages_of(TYPE).into_iter().map(|message| {
        let value: Value = serde_json::from_str(&message.value).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let payload = &value["data"]["payload"];
        (text(&payload["group_id"]), text(&value["release"]), payload["completion"].as_u64().unwrap())
    });
    messages.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_under_load_ends_with_the_same_items_and_fires_no_gate_again() {
    let system = Arc::new(System::start().await);
    let receivers = system.create_receivers(3).await;
    let mut group = samples::group("");
    group["event_receiver_ids"] = json!(receivers);
    let group = system.create("/api/v1/groups", &group).await;
    // Green in the end, but for each third release.
    for release in 0..30 {
        for (index, receiver) in receivers.iter().enumerate() {
            post(&system, receiver, &format!("before-{release}"), (release + index) % 4 != 0).await;
            if release % 3 != 0 {
                post(&system, receiver, &format!("before-{release}"), true).await;
            }
        }
    }
    let mut announced = completions(&system);
    let before = settled(&system).await;

    let is_over = Arc::new(AtomicBool::new(false));
    let load = tokio::spawn({
        let (system, receivers, is_over) = (Arc::clone(&system), receivers.clone(), Arc::clone(&is_over));
        async move {
            let mut release = 0;
            while !is_over.load(Ordering::Relaxed) {
                for receiver in &receivers {
                    post(&system, receiver, &format!("load-{release}"), true).await;
                }
                release += 1;
            }
            release
        }
    });
    eventually(ENDS_WITHIN, async || {
        let grown = system.index_items().await.len();
        if grown > before.len() + 20 { Ok(()) } else { Err(format!("{grown} items")) }
    })
    .await;
    system.renew_index_table().await;
    let replay = rebuild(&system).await;
    assert_eq!(replay["counts"]["failures"], 0, "{replay}");
    is_over.store(true, Ordering::Relaxed);
    let releases = load.await.unwrap();
    announced.extend(completions(&system));
    let after = settled(&system).await;
    for (key, item) in before.iter().filter(|((partition, _), _)| partition != "DAYS") {
        assert_eq!(after.get(key), Some(item), "{key:?}");
    }

    // Without load, from nothing: the items are those that the rebuild under load and the stream have made.
    let gates_before = gates(&system).await;
    system.renew_index_table().await;
    rebuild(&system).await;
    let again = settled(&system).await;
    for key in after.keys().chain(again.keys()) {
        assert_eq!(after.get(key), again.get(key), "{key:?}");
    }
    assert_eq!(gates(&system).await, gates_before);
    announced.extend(completions(&system));
    let load = (0..releases).map(|release| format!("load-{release}"));
    let before = (0..30).filter(|release| release % 3 != 0).map(|release| format!("before-{release}"));
    let expected: BTreeSet<_> = load.chain(before).collect();
    let found: BTreeSet<_> = announced.iter().map(|(_, release, _)| release.clone()).collect();
    let mut missing = expected.difference(&found);
    assert_eq!(missing.next(), None, "a completion is missing");
    let once: BTreeSet<_> = announced.iter().collect();
    assert_eq!(once.len(), announced.len(), "a completion is announced twice: {announced:?}");
    assert!(announced.iter().all(|(of, _, number)| (of, *number) == (&group, 1)), "{announced:?}");
}

/// The index table after it has stopped to change.
async fn settled(system: &System) -> Index {
    let mut last = Index::new();
    eventually(ENDS_WITHIN, async || {
        let now = system.index_items().await;
        let has_settled = !now.is_empty() && now == last;
        last = now;
        if has_settled {
            return Ok(last.clone());
        }
        // Longer than a batch waits for a retry.
        tokio::time::sleep(Duration::from_secs(6)).await;
        Err(format!("{} items, and they change", last.len()))
    })
    .await
}
