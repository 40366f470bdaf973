//! The schedule resumes replays that no invocation works on.

use aws_sdk_dynamodb::types::AttributeValue;
use end_to_end::{Item, System};
use serde_json::{Value, json};

use super::ended;

const STARTED_BEFORE: &str = "01HM6AQH200000000000000000";
const UNREADABLE: &str = "01HM6AQH200000000000000001";

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

fn number(number: &str) -> AttributeValue {
    AttributeValue::N(number.to_owned())
}

/// The item of a replay as the release before wrote it. It has published two events.
fn replay_of_the_release_before(end: &str, second_event: &str) -> Item {
    let counts = ["read", "matched", "published", "dead_lettered", "failures"];
    let counts = counts.map(|name| (name.to_owned(), number(if name == "read" { "3" } else { "2" })));
    let null = AttributeValue::Null(true);
    let item = [
        ("pk", text(&format!("REPLAY#{STARTED_BEFORE}"))),
        ("sk", text("REPLAY")),
        ("start", text("2024-01-15T10:30:00Z")),
        ("end", text(end)),
        ("type", null.clone()),
        ("receiver", null.clone()),
        ("topic", null.clone()),
        ("dry_run", AttributeValue::Bool(false)),
        ("state", text("running")),
        ("slice", number("4")),
        ("position", text(second_event)),
        ("counts", AttributeValue::M(counts.into())),
        ("last_error", null),
    ];
    item.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The list of the replays that run.
fn running(ids: [&str; 2], end: &str) -> Item {
    let running = ids.map(|id| {
        let entry = [("id", id), ("start", "2024-01-15T10:30:00Z"), ("end", end)];
        AttributeValue::M(entry.map(|(name, value)| (name.to_owned(), text(value))).into())
    });
    let list = [
        ("pk", text("RUNNING-REPLAYS")),
        ("sk", text("RUNNING-REPLAYS")),
        ("running", AttributeValue::L(running.into())),
        ("version", number("7")),
    ];
    list.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_of_the_release_before_continues_although_another_cannot_be_read() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    // The receiver's message is in another partition, and could otherwise be read last.
    system.next_messages(1).await;
    let events = system.create_events(&receiver, 5).await;
    system.await_messages(&events).await;
    let end = system.now().await;
    system.put(replay_of_the_release_before(&end, &events[1])).await;
    system.put(running([UNREADABLE, STARTED_BEFORE], &end)).await;

    let response = system.invoke("resume-replays", &Value::Null).await;
    assert_eq!(response, json!({"running": 2, "resumed": 1}));
    // Neither has made progress since January 2024.
    let log = system.log("resume-replays");
    let measured = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let measured: Vec<_> = measured.filter(|line| line["RunningReplays"] == 2).collect();
    assert!(measured[0]["OldestStandingReplayAge"].as_u64().unwrap() > 80_000_000, "{log}");
    let resumed = &ended(&system, STARTED_BEFORE).await.body["data"];
    assert_eq!(
        (&resumed["state"], &resumed["counts"]["published"]),
        (&json!("done"), &json!(5)),
        "{resumed}"
    );
    let again: Vec<_> = system.next_messages(3).await.into_iter().map(|record| record.key).collect();
    assert!(events[2..].iter().all(|id| again.contains(id)), "{again:?}");
    assert_eq!(system.unexpected_message(), None);
}
