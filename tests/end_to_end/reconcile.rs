//! Reconciliation: what the table has, and what the topic has.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::types::AttributeValue;
use end_to_end::System;
use local::Signal;
use serde_json::{Value, json};

async fn reconcile(system: &System, start: &str, end: &str) -> Value {
    system.stack.invoke("reconcile-events", &json!({"start": start, "end": end})).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_doubled_or_invented_is_told() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let start = system.now();
    let events = system.create_events(&receiver, 20).await;
    system.await_messages(&events);
    let none = json!({"count": 0, "ids": []});
    let report = reconcile(&system, &start, &system.now()).await;
    assert_eq!((&report["accepted"], &report["published"]), (&json!(20), &json!(20)), "{report}");
    assert_eq!(
        (&report["missing"], &report["doubled"], &report["unknown"]),
        (&none, &none, &none),
        "{report}"
    );
    assert_eq!(report["topic"], system.stack.topic);

    // The publisher's frozen hands hold one back; a stranger sends one twice, and one that nobody posted.
    system.stack.functions.signal("publish-events", Signal::Freeze).await.unwrap();
    let held = system.create_events(&receiver, 1).await;
    let invented = ulid::Ulid::generate().to_string();
    system.produce(&events[0], "{}").await;
    system.produce(&invented, "{}").await;
    let report = reconcile(&system, &start, &system.now()).await;
    let one = |id: &str| json!({"count": 1, "ids": [id]});
    assert_eq!(report["missing"], one(&held[0]), "{report}");
    assert_eq!(report["doubled"], one(&events[0]), "{report}");
    assert_eq!(report["unknown"], one(&invented), "{report}");

    system.stack.functions.signal("publish-events", Signal::Thaw).await.unwrap();
    system.await_messages(&held);
    assert_eq!(reconcile(&system, &start, &system.now()).await["missing"], none);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_that_makes_no_sense_is_refused() {
    let system = System::start().await;
    let request = json!({"start": "2024-01-01T00:00:00Z", "end": "9999-01-01T00:00:00Z"});
    let error = system.stack.invoke("reconcile-events", &request).await.unwrap_err().to_string();
    assert!(error.contains("end must not be in the future"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_told_from_what_is_missing() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let start = system.now();
    let id = ulid::Ulid::generate().to_string();
    let key = format!("EVENT#{}#{}", chrono::Utc::now().format("%Y-%m-%d"), &id[25..]);
    let item = [("pk", &*key), ("sk", &*id), ("name", "broken")];
    let item = item.map(|(name, text)| (name.to_owned(), AttributeValue::S(text.to_owned())));
    system.put_raw(HashMap::from(item)).await;
    let events = system.create_events(&receiver, 1).await;
    system.await_messages(&events);
    // The two can be on shards of their own.
    let mut report = reconcile(&system, &start, &system.now()).await;
    for _ in 0..100 {
        if report["missing"]["count"] == 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
        report = reconcile(&system, &start, &system.now()).await;
    }
    assert_eq!(report["missing"], json!({"count": 0, "ids": []}), "{report}");
    assert_eq!(report["dead_letters"], json!({"count": 1, "ids": [id]}), "{report}");
    assert_eq!(report["foreign"], json!({"count": 1, "keys": [format!("{key} {id}")]}), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_reconciles_a_past_hour_and_measures_it() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let events = system.create_events(&receiver, 1).await;
    system.await_messages(&events);
    system.stack.functions.signal("publish-events", Signal::Freeze).await.unwrap();
    let then = chrono::Utc::now() - chrono::TimeDelta::minutes(150);
    let id = ulid::Ulid::from_parts(u64::try_from(then.timestamp_millis()).unwrap(), 7).to_string();
    let partition = format!("EVENT#{}#{}", then.format("%Y-%m-%d"), &id[25..]);
    let mut item = system.item_of(&events[0]).await;
    item.insert("pk".to_owned(), AttributeValue::S(partition));
    item.insert("sk".to_owned(), AttributeValue::S(id.clone()));
    system.put_raw(item).await;

    reconcile(&system, &then.to_rfc3339(), &system.now()).await;
    let log = || system.stack.functions.log("reconcile-events").unwrap();
    assert!(!log().contains("MissingEvents"), "an operator's range has no alarm: {}", log());
    let run = json!({"action": "reconcile-past-hour"});
    let report = system.stack.invoke("reconcile-events", &run).await.unwrap();
    assert_eq!(report["missing"], json!({"count": 1, "ids": [id]}), "{report}");
    assert!(log().contains("\"MissingEvents\":1") && log().contains("\"ForeignItems\":0"), "{}", log());

    system.stack.functions.signal("publish-events", Signal::Thaw).await.unwrap();
    system.await_messages(&[id]);
    let report = system.stack.invoke("reconcile-events", &run).await.unwrap();
    assert_eq!((&report["missing"]["count"], &report["published"]), (&json!(0), &json!(1)), "{report}");
    assert!(log().contains("\"MissingEvents\":0"), "{}", log());
}
