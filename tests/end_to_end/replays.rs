//! Replays: a time range of the table, published again with the same ids.

use std::{collections::HashMap, time::Duration};

use end_to_end::{Answer, System};
use futures_util::future::join_all;
use local::topic::Record;
use serde_json::{Value, json};
use tokio::time::sleep;

const START: &str = "/api/v1/admin/replay-events";

/// A range of the past that everything lies in that was posted up to now.
fn since_yesterday() -> String {
    let yesterday = chrono::Utc::now() - chrono::TimeDelta::days(1);
    format!("start={}", yesterday.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}

async fn now(system: &System) -> String {
    // Ranges end before their end.
    sleep(Duration::from_millis(2)).await;
    system.now()
}

async fn start(system: &System, query: &str) -> Answer {
    system.post(&format!("{START}?{query}"), "").await
}

async fn ended(system: &System, id: &str) -> Value {
    loop {
        let answer = system.get(&format!("/api/v1/admin/replays/{id}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        if answer.body["data"]["state"] != "running" {
            return answer.body["data"].clone();
        }
        sleep(Duration::from_millis(100)).await;
    }
}

async fn replay(system: &System, query: &str) -> Value {
    let answer = start(system, query).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    ended(system, answer.body["data"].as_str().unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_is_published_again_with_the_same_ids_and_a_header() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let first = system.now();
    let events = system.create_events(&receiver, 100).await;
    let originals = system.await_messages(&events);
    let end = now(&system).await;

    let all = replay(&system, &format!("{}&end={end}", since_yesterday())).await;
    assert_eq!(
        all["counts"],
        json!({"read": 101, "matched": 101, "published": 101, "dead_lettered": 0, "failures": 0})
    );
    assert_eq!((&all["state"], &all["errors"]), (&json!("done"), &json!([])));
    let again: HashMap<String, Record> =
        system.next_messages(101).into_iter().map(|record| (record.key.clone(), record)).collect();
    for (id, original) in originals {
        assert_eq!(again[&id].value, original[0].value, "the same bytes");
        assert_eq!(again[&id].partition, original[0].partition, "the same partition");
        assert_eq!(original[0].headers, []);
        assert_eq!(again[&id].headers, [("xzepr-replay".to_owned(), all["id"].as_str().unwrap().to_owned())]);
    }

    // The receiver's own event lies before this range.
    let part = replay(&system, &format!("start={first}&end={end}")).await;
    assert_eq!(part["counts"]["published"], 100, "{part}");
    let mut by_partition: HashMap<i32, Vec<String>> = HashMap::new();
    for record in system.next_messages(100) {
        by_partition.entry(record.partition).or_default().push(record.key);
    }
    assert!(by_partition.values().all(|ids| ids.is_sorted()), "in the order of the ids: {by_partition:?}");
    assert_eq!(system.unexpected_message(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_means_some_events_and_a_dry_run_publishes_none() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let events = system.create_events(&receiver, 5).await;
    system.await_messages(&events);
    let range = format!("{}&end={}", since_yesterday(), now(&system).await);

    for (filter, matched) in [
        ("type=xzepr.event.receiver.created", 1),
        ("type=nothing", 0),
        (&*format!("receiver={receiver}"), 6),
        (&*format!("receiver={}", events[0]), 0),
        (&*format!("topic={}", system.stack.topic), 6),
        ("topic=another", 0),
    ] {
        let dry = replay(&system, &format!("{range}&{filter}&dry_run=true")).await;
        let counts = &dry["counts"];
        assert_eq!((&counts["read"], &counts["matched"]), (&json!(6), &json!(matched)), "{filter}: {dry}");
        assert_eq!(counts["published"], 0, "{filter}: {dry}");
    }
    assert_eq!(system.unexpected_message(), None);
    let system_event = replay(&system, &format!("{range}&type=xzepr.event.receiver.created")).await;
    assert_eq!(system_event["counts"]["published"], 1);
    assert!(system.next_messages(1)[0].value.contains("xzepr.event.receiver.created"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_that_is_being_replayed_is_refused_until_that_ends_or_is_cancelled() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    let events = system.create_events(&receiver, 3).await;
    system.await_messages(&events);
    let range = format!("{}&end={}", since_yesterday(), now(&system).await);
    // With Kafka away a replay goes on until it is back.
    system.stack.kafka.down().await.unwrap();
    let answers = join_all((0..5).map(|_| start(&system, &range))).await;
    let (started, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 202);
    assert_eq!(started.len(), 1, "of five at once one wins: {answers:?}");
    let first = started[0].body["data"].as_str().unwrap();
    for answer in refused {
        assert_eq!((answer.status, &answer.body["error"]), (409, &json!("replay_running")), "{answer:?}");
        assert_eq!(answer.body["data"], first);
    }
    let other = start(&system, &format!("{range}&dry_run=true")).await;
    assert_eq!(other.status, 202, "a dry run is in nobody's way: {other:?}");

    let path = format!("/api/v1/admin/replays/{first}");
    let cancelled = system.delete(&path).await;
    assert_eq!((cancelled.status, &cancelled.body["data"]), (200, &json!(first)), "{cancelled:?}");
    assert_eq!(system.delete(&path).await.body["error"], "replay_ended");
    let third = start(&system, &range).await;
    assert_eq!(third.status, 202, "{third:?}");
    system.stack.kafka.up().await.unwrap();
    let third = ended(&system, third.body["data"].as_str().unwrap()).await;
    assert_eq!((&third["state"], &third["counts"]["published"]), (&json!("done"), &json!(4)), "{third}");
    assert_eq!(ended(&system, first).await["state"], "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_makes_no_sense_is_refused() {
    let system = System::start().await;
    for (query, field) in [
        ("", "start"),
        ("start=2024-01-01T00:00:00Z", "end"),
        ("start=yesterday&end=2024-01-01T00:00:00Z", "start"),
        ("start=2024-01-02T00:00:00Z&end=2024-01-01T00:00:00Z", "start"),
        ("start=2024-01-01T00:00:00Z&end=9999-01-01T00:00:00Z", "end"),
        ("start=2024-01-01T00:00:00Z&end=2024-01-02T00:00:00Z&tpye=x", "tpye"),
    ] {
        let answer = start(&system, query).await;
        assert_eq!((answer.status, &answer.body["error"]), (400, &json!("invalid_parameter")), "{answer:?}");
        assert_eq!(answer.body["field"], field, "{answer:?}");
    }
    let unknown = "/api/v1/admin/replays/01HJ1K2M3N4P5Q6R7S8T9V0W1X";
    for path in [unknown, "/api/v1/admin/replays/x"] {
        assert_eq!(system.get(path).await.status, 404);
    }
    assert_eq!(system.delete(unknown).await.status, 404);
    let answer = system.post(unknown, "").await;
    assert_eq!((answer.status, answer.headers["allow"].as_str()), (405, "GET, DELETE"));
    assert_eq!(system.get(START).await.headers["allow"], "POST");
}
