//! Reconciliation: compares the table with the topics.

use std::time::Duration;

use end_to_end::{EventItem, System, eventually, partition_key};
use local::Signal;
use serde_json::{Value, json};

/// Longer than a restart of the publisher.
const IS_STORED_WITHIN: Duration = Duration::from_secs(60);

async fn reconcile(system: &System, start: &str, end: &str) -> Value {
    system.invoke("reconcile-events", &json!({"start": start, "end": end})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn missing_doubled_and_unknown_messages_are_named() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let start = system.now().await;
    let events = system.create_events(&receiver, 20).await;
    system.await_messages(&events).await;
    let none = json!({"count": 0, "ids": []});
    let report = reconcile(&system, &start, &system.now().await).await;
    assert_eq!((&report["accepted"], &report["published"]), (&json!(20), &json!(20)), "{report}");
    assert_eq!(
        (&report["missing"], &report["doubled"], &report["unknown"]),
        (&none, &none, &none),
        "{report}"
    );
    let topics = report["topics"].as_array().unwrap();
    assert_eq!((topics.len(), &topics[0]["topic"]), (1, &json!(system.stack.topic)), "{report}");
    assert_eq!((&topics[0]["expected"], &topics[0]["published"]), (&json!(20), &json!(20)), "{report}");

    // The publisher is frozen, so one event is missing. Another producer sends one event a second time, and one that
    // no caller posted.
    system.stack.functions.signal("publish-events", Signal::Freeze).await.unwrap();
    let held = system.create_events(&receiver, 1).await;
    let invented = ulid::Ulid::generate().to_string();
    system.produce(&events[0], "{}").await;
    system.produce(&invented, "{}").await;
    let report = reconcile(&system, &start, &system.now().await).await;
    let one = |id: &str| json!({"count": 1, "ids": [id]});
    assert_eq!(report["missing"], one(&held[0]), "{report}");
    assert_eq!(report["doubled"], one(&events[0]), "{report}");
    assert_eq!(report["unknown"], one(&invented), "{report}");

    system.stack.functions.signal("publish-events", Signal::Thaw).await.unwrap();
    system.await_messages(&held).await;
    assert_eq!(reconcile(&system, &start, &system.now().await).await["missing"], none);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_that_ends_in_the_future_is_refused() {
    let system = System::start().await;
    let request = json!({"start": "2024-01-01T00:00:00Z", "end": "9999-01-01T00:00:00Z"});
    let error = system.stack.invoke("reconcile-events", &request).await.unwrap_err().to_string();
    assert!(error.contains("end must not be in the future"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_letter_is_not_missing() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let start = system.now().await;
    let id = ulid::Ulid::generate().to_string();
    let broken = EventItem::new(&id).without("payload");
    let key = broken.key();
    system.put(broken).await;
    let events = system.create_events(&receiver, 1).await;
    system.await_messages(&events).await;
    // The two items can be on different shards, so the event can arrive before the dead letter is stored.
    let report = eventually(IS_STORED_WITHIN, async || {
        let report = reconcile(&system, &start, &system.now().await).await;
        if report["missing"]["count"] == 0 { Ok(report) } else { Err(report) }
    })
    .await;
    assert_eq!(report["missing"], json!({"count": 0, "ids": []}), "{report}");
    assert_eq!(report["dead_letters"], json!({"count": 1, "ids": [id]}), "{report}");
    assert_eq!(report["foreign"], json!({"count": 1, "keys": [key]}), "{report}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schedule_reconciles_a_past_hour_and_measures_it() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let events = system.create_events(&receiver, 1).await;
    system.await_messages(&events).await;
    system.stack.functions.signal("publish-events", Signal::Freeze).await.unwrap();
    let then = chrono::Utc::now() - chrono::TimeDelta::minutes(150);
    let id = ulid::Ulid::from_parts(u64::try_from(then.timestamp_millis()).unwrap(), 7).to_string();
    system.put(system.event_item(&events[0]).await.at(&partition_key(&id), &id)).await;

    reconcile(&system, &then.to_rfc3339(), &system.now().await).await;
    let log = || system.log("reconcile-events");
    assert!(!log().contains("MissingEvents"), "an operator's range has no alarm: {}", log());
    let run = json!({"action": "reconcile-past-hour"});
    let report = system.invoke("reconcile-events", &run).await;
    assert_eq!(report["missing"], json!({"count": 1, "ids": [id]}), "{report}");
    assert!(log().contains("\"MissingEvents\":1") && log().contains("\"ForeignItems\":0"), "{}", log());

    system.stack.functions.signal("publish-events", Signal::Thaw).await.unwrap();
    system.await_messages(&[id]).await;
    let report = system.invoke("reconcile-events", &run).await;
    assert_eq!((&report["missing"]["count"], &report["published"]), (&json!(0), &json!(1)), "{report}");
    assert!(log().contains("\"MissingEvents\":0"), "{}", log());
}
