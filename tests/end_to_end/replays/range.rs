//! Which events a replay publishes, and how they arrive.

use std::collections::HashMap;

use end_to_end::{System, created_at, redacted};
use insta::assert_snapshot;
use local::topic::Record;
use serde_json::json;

use super::{ended, replay, since_yesterday, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_range_is_published_again_with_the_same_ids_and_a_header() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    // The receiver's message is in another partition, and could otherwise be read last.
    system.next_messages(1).await;
    let first = system.now().await;
    let events = system.create_events(&receiver, 100).await;
    let originals = system.await_messages(&events).await;
    let all = since_yesterday(&system).await;
    let end = system.now().await;

    let started = start(&system, &all).await;
    let id = started.id();
    assert_snapshot!(redacted(&started, &[(&id, "replay")]), @r#"
    HTTP 202
    content-type: application/json
    x-request-id: [request id]

    {"data":"[replay]"}
    "#);
    let done = ended(&system, &id).await;
    let text = |name: &str| done.body["data"][name].as_str().unwrap();
    let values = [
        (&*id, "replay"),
        (&created_at(&id), "time of the replay's id"),
        (text("start"), "start"),
        (text("end"), "end"),
        (text("position"), "the range's last millisecond"),
    ];
    assert_snapshot!(redacted(&done, &values), @r#"
    HTTP 200
    content-type: application/json
    x-request-id: [request id]

    {"data":{"id":"[replay]","state":"done","start":"[start]","end":"[end]","target":"kafka","type":null,"receiver":null,"topic":null,"dry_run":false,"started_at":"[time of the replay's id]","created_by":null,"position":"[the range's last millisecond]","counts":{"read":101,"matched":101,"published":101,"indexed":0,"skipped":0,"unrouted":0,"dead_lettered":0,"failures":0,"foreign":0},"foreign":[],"errors":[]}}
    "#);

    let again: HashMap<String, Record> =
        system.next_messages(101).await.into_iter().map(|record| (record.key.clone(), record)).collect();
    for (event, original) in originals {
        assert_eq!(again[&event].value, original[0].value, "the same bytes");
        assert_eq!(again[&event].partition, original[0].partition, "the same partition");
        let mut headers = [("xzepr-event-type", "com.example.build.finished"), ("xzepr-route", "default")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .to_vec();
        assert_eq!(original[0].headers, headers);
        headers.push(("xzepr-replay".to_owned(), id.clone()));
        assert_eq!(again[&event].headers, headers);
    }

    // The receiver's own event lies before this range.
    let part = replay(&system, &format!("start={first}&end={end}")).await;
    assert_eq!(part["counts"]["published"], 100, "{part}");
    let mut by_partition: HashMap<i32, Vec<String>> = HashMap::new();
    for record in system.next_messages(100).await {
        by_partition.entry(record.partition).or_default().push(record.key);
    }
    assert!(by_partition.values().all(|ids| ids.is_sorted()), "in the order of the ids: {by_partition:?}");
    assert_eq!(system.unexpected_message(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_selects_some_events_and_a_dry_run_publishes_none() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    // The receiver's message is in another partition, and could otherwise be read last.
    system.next_messages(1).await;
    let events = system.create_events(&receiver, 5).await;
    system.await_messages(&events).await;
    let range = since_yesterday(&system).await;

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
    assert!(system.next_messages(1).await[0].value.contains("xzepr.event.receiver.created"));
}
