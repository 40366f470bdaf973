//! Reconciliation: compares the table with the topics.

use std::time::Duration;

use end_to_end::{EventItem, System, eventually, partition_key};
use local::{Signal, samples, topic::Record};
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
    for id in [&events[0], &invented] {
        system.produce(id, &json!({"id": id}).to_string()).await;
    }
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

/// Every event goes to one topic under its id, and a failure also to another one under its receiver.
const TWO_ROUTES: &str = r#"[
  {"name": "all", "topic": "xzepr.dev.events"},
  {"name": "failures", "topic": "failures.{package}", "key": "receiver", "when": {"success": false, "kind": "event"}}
]"#;

#[tokio::test(flavor = "multi_thread")]
async fn each_topic_of_the_routes_is_compared_and_replayed_by_itself() {
    let system = System::start_with(|options| {
        options.environment.insert("XZEPR_ROUTES".to_owned(), TWO_ROUTES.to_owned());
    })
    .await;
    let receiver = system.create_receiver().await;
    let start = system.now().await;
    let succeeded = system.create_events(&receiver, 3).await;
    let mut failure = samples::event(&receiver);
    failure["success"] = json!(false);
    let failed = system.create("/api/v1/events", &failure).await;
    // The receiver's own event, and the events; the failure is on two topics.
    let records = system.next_messages(6).await;
    let failures = |records: &[Record]| -> Vec<String> {
        let of_failures = records.iter().filter(|record| record.topic == "failures.myapp");
        of_failures.map(|record| record.key.clone()).collect()
    };
    assert_eq!(failures(&records), [receiver.as_str()]);

    let end = system.now().await;
    let report = reconcile(&system, &start, &end).await;
    let none = json!({"count": 0, "ids": []});
    assert_eq!(
        ["accepted", "unrouted", "expected", "published"].map(|name| report[name].clone()),
        [4, 0, 5, 5].map(|count| json!(count)),
        "{report}"
    );
    assert_eq!(
        (&report["missing"], &report["doubled"], &report["unknown"]),
        (&none, &none, &none),
        "{report}"
    );
    let of = |report: &Value, topic: &str| {
        let mut topics = report["topics"].as_array().unwrap().iter();
        topics.find(|report| report["topic"] == topic).cloned().unwrap()
    };
    assert_eq!(of(&report, "xzepr.dev.events")["published"], 4, "{report}");
    assert_eq!(of(&report, "failures.myapp")["published"], 1, "{report}");

    let query = format!("start={start}&end={end}&topic=failures.myapp");
    let dry = system.post(&format!("/api/v1/admin/replay-events?{query}&dry_run=true"), "").await;
    let replay = system.post(&format!("/api/v1/admin/replay-events?{query}"), "").await;
    for (started, published) in [(dry, 0), (replay, 1)] {
        let path = format!("/api/v1/admin/replays/{}", started.id());
        let counts = eventually(IS_STORED_WITHIN, async || {
            let replay = system.get(&path).await;
            if replay.body["data"]["state"] == "done" {
                Ok(replay.body["data"]["counts"].clone())
            } else {
                Err(replay)
            }
        })
        .await;
        let counts = ["read", "matched", "published", "unrouted"].map(|name| counts[name].clone());
        assert_eq!(counts, [4, 1, published, 0].map(|count| json!(count)));
    }
    let again = system.next_messages(1).await;
    assert_eq!(failures(&again), [receiver.as_str()]);
    assert!(again[0].value.contains(&failed), "{again:?}");
    assert_eq!(system.unexpected_message(), None);
    let report = reconcile(&system, &start, &end).await;
    assert_eq!(
        (&report["doubled"], &of(&report, "failures.myapp")["replayed"]),
        (&none, &json!(1)),
        "{report}"
    );

    // Another producer knows the events of the first topic only.
    system.produce(&succeeded[0], "{}").await;
    let report = reconcile(&system, &start, &end).await;
    let doubled = json!({"count": 1, "ids": [succeeded[0]]});
    assert_eq!(report["topics"][0]["topic"], "xzepr.dev.events", "{report}");
    assert_eq!((&report["doubled"], &report["topics"][0]["doubled"]), (&doubled, &doubled), "{report}");
}
