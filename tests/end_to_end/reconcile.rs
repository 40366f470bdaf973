//! Reconciliation: what the table has, and what the topic has.

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
