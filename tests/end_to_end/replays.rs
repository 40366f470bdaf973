//! Replays: a time range of the table, published again with the same ids.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::types::AttributeValue;
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

/// Longer than the longest replay of a test.
const ENDS_WITHIN: Duration = Duration::from_secs(90);

async fn ended(system: &System, id: &str) -> Value {
    let until = Instant::now() + ENDS_WITHIN;
    loop {
        let answer = system.get(&format!("/api/v1/admin/replays/{id}")).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        if answer.body["data"]["state"] != "running" {
            return answer.body["data"].clone();
        }
        assert!(Instant::now() < until, "the replay does not end: {answer:?}");
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
        json!({"read": 101, "matched": 101, "published": 101, "dead_lettered": 0, "failures": 0, "foreign": 0})
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

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// An event item under a sort key that need not be its id.
fn event_item(partition: &str, sort: &str, receiver: &str) -> HashMap<String, AttributeValue> {
    let texts = [
        ("pk", partition),
        ("sk", sort),
        ("name", "build"),
        ("version", "1"),
        ("release", "1"),
        ("platform_id", "linux"),
        ("package", "app"),
        ("description", "A build"),
        ("event_receiver_id", receiver),
        ("payload", "{}"),
    ];
    let item = texts.into_iter().map(|(name, value)| (name.to_owned(), text(value)));
    item.chain([("success".to_owned(), AttributeValue::Bool(true))]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_that_is_no_event_is_named_and_hides_no_other() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    // All in one partition key, which is read 64 items at a time: the last of the first read is foreign.
    let ids: Vec<_> = (0..100).map(|number| format!("01HM6AQH20000000000000{number:03}Z")).collect();
    let partition = "EVENT#2024-01-15#Z";
    for id in &ids {
        system.put_raw(event_item(partition, id, &receiver)).await;
    }
    let copy = format!("{}-copy", ids[62]);
    system.put_raw(event_item(partition, &copy, &receiver)).await;
    // A run of foreign items that fills a read by itself, and one whose key is another partition's.
    for number in 0..70 {
        system.put_raw(event_item(partition, &format!("{}-{number:03}", ids[80]), &receiver)).await;
    }
    let elsewhere = format!("{}Y", &ids[90][..25]);
    system.put_raw(event_item(partition, &elsewhere, &receiver)).await;
    // The twin of an event, with its sort key, in another partition.
    let twin = format!("EVENT#2024-01-15#0 {}", ids[10]);
    system.put_raw(event_item("EVENT#2024-01-15#0", &ids[10], &receiver)).await;
    let range = "start=2024-01-15T00:00:00Z&end=2024-01-16T00:00:00Z";

    let dry = replay(&system, &format!("{range}&dry_run=true&type=build")).await;
    assert_eq!(dry["counts"]["matched"], 100, "{dry}");
    assert_eq!((&dry["counts"]["read"], &dry["counts"]["foreign"]), (&json!(173), &json!(73)), "{dry}");
    let named: Vec<_> = dry["foreign"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
    assert_eq!((named.len(), named[0]), (20, &*twin), "{dry}");

    let all = replay(&system, range).await;
    assert_eq!(
        all["counts"],
        json!({"read": 173, "matched": 173, "published": 100, "dead_lettered": 73, "failures": 0, "foreign": 73})
    );
    let report = json!({"start": "2024-01-15T00:00:00Z", "end": "2024-01-16T00:00:00Z"});
    let report = system.stack.invoke("reconcile-events", &report).await.unwrap();
    assert_eq!((&report["accepted"], &report["foreign"]["count"]), (&json!(100), &json!(73)), "{report}");
    assert_eq!(report["foreign"]["keys"][0], twin, "{report}");
    assert_eq!(
        (&report["doubled"]["count"], &report["missing"]["count"]),
        (&json!(0), &json!(0)),
        "{report}"
    );
    let keys = report["foreign"]["keys"].as_array().unwrap();
    for key in [copy, elsewhere] {
        assert!(keys.contains(&json!(format!("{partition} {key}"))), "{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_whose_item_is_gone_is_cancelled_and_stands_in_nobodys_way() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    let events = system.create_events(&receiver, 1).await;
    system.await_messages(&events);
    let range = format!("{}&end={}", since_yesterday(), now(&system).await);
    // While Kafka is unavailable a replay waits.
    system.stack.kafka.down().await.unwrap();
    let first = start(&system, &range).await.body["data"].as_str().unwrap().to_owned();
    system
        .dynamodb
        .delete_item()
        .table_name(&system.stack.table)
        .key("pk", AttributeValue::S(format!("REPLAY#{first}")))
        .key("sk", AttributeValue::S("REPLAY".to_owned()))
        .send()
        .await
        .unwrap();
    assert_eq!(start(&system, &range).await.body["error"], "replay_running");
    let path = format!("/api/v1/admin/replays/{first}");
    assert_eq!(system.delete(&path).await.status, 200);
    assert_eq!(system.delete(&path).await.status, 404);
    assert_eq!(start(&system, &range).await.status, 202);
    system.stack.kafka.up().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_replays_run_than_may_run_at_once() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    // While Kafka is unavailable each of them waits for its event.
    system.stack.kafka.down().await.unwrap();
    let mut bounds = vec![now(&system).await];
    for _ in 0..11 {
        system.create_events(&receiver, 1).await;
        bounds.push(now(&system).await);
    }
    let mut answers = Vec::new();
    for bounds in bounds.windows(2) {
        answers.push(start(&system, &format!("start={}&end={}", bounds[0], bounds[1])).await);
    }
    let (last, first) = answers.split_last().unwrap();
    assert!(first.iter().all(|answer| answer.status == 202), "{first:?}");
    assert_eq!((last.status, &last.body["error"]), (409, &json!("too_many_replays")), "{last:?}");
    system.stack.kafka.up().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_replay_holds_up_no_other_and_has_one_worker() {
    let system = System::start_with(|options| {
        options.environment.insert("XZEPR_REPLAY_MAX_EVENTS_PER_SECOND".to_owned(), "2".to_owned());
    })
    .await;
    let receiver = system.create_receiver().await;
    let first = system.now();
    let many = system.create_events(&receiver, 60).await;
    let between = now(&system).await;
    let one = system.create_events(&receiver, 1).await;
    system.await_messages(&[many, one].concat());
    let end = now(&system).await;

    let slow = start(&system, &format!("start={first}&end={between}")).await;
    let slow = slow.body["data"].as_str().unwrap().to_owned();
    while system.get(&format!("/api/v1/admin/replays/{slow}")).await.body["data"]["counts"]["published"] == 0
    {
        sleep(Duration::from_millis(50)).await;
    }
    let answer = system.stack.invoke("replay-events", &json!({"replay": slow})).await.unwrap();
    assert_eq!(answer, json!({"replay": slow, "ended": "is-taken"}));

    let began = Instant::now();
    let quick = replay(&system, &format!("start={between}&end={end}")).await;
    assert_eq!((&quick["state"], &quick["counts"]["published"]), (&json!("done"), &json!(1)), "{quick}");
    // The slow one takes 30 s.
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    let slow = ended(&system, &slow).await;
    assert_eq!(slow["counts"]["published"], 60, "{slow}");
    system.next_messages(61);
    assert_eq!(system.unexpected_message(), None, "each event once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_of_the_release_before_goes_on_though_another_cannot_be_read() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let events = system.create_events(&receiver, 5).await;
    system.await_messages(&events);
    let end = now(&system).await;
    let (id, unreadable) = ("01HM6AQH200000000000000000", "01HM6AQH200000000000000001");
    let number = |number: &str| AttributeValue::N(number.to_owned());
    let counts = ["read", "matched", "published", "dead_lettered", "failures"];
    let counts = counts.map(|name| (name.to_owned(), number(if name == "read" { "3" } else { "2" })));
    let null = AttributeValue::Null(true);
    let item = [
        ("pk", text(&format!("REPLAY#{id}"))),
        ("sk", text("REPLAY")),
        ("start", text("2024-01-15T10:30:00Z")),
        ("end", text(&end)),
        ("type", null.clone()),
        ("receiver", null.clone()),
        ("topic", null.clone()),
        ("dry_run", AttributeValue::Bool(false)),
        ("state", text("running")),
        ("slice", number("4")),
        // As far as the second event.
        ("position", text(&events[1])),
        ("counts", AttributeValue::M(counts.into())),
        ("last_error", null),
    ];
    system.put_raw(item.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()).await;
    let running = [unreadable, id].map(|id| {
        let entry = [("id", id), ("start", "2024-01-15T10:30:00Z"), ("end", &*end)];
        AttributeValue::M(entry.map(|(name, value)| (name.to_owned(), text(value))).into())
    });
    let list = [
        ("pk", text("RUNNING-REPLAYS")),
        ("sk", text("RUNNING-REPLAYS")),
        ("running", AttributeValue::L(running.into())),
        ("version", number("7")),
    ];
    system.put_raw(list.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()).await;

    let answer = system.stack.invoke("resume-replays", &Value::Null).await.unwrap();
    assert_eq!(answer, json!({"running": 2, "resumed": 1}));
    // Both stand since January 2024.
    let log = system.stack.functions.log("resume-replays").unwrap();
    let measured = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let measured: Vec<_> = measured.filter(|line| line["RunningReplays"] == 2).collect();
    assert!(measured[0]["OldestStandingReplayAge"].as_u64().unwrap() > 80_000_000, "{log}");
    let resumed = ended(&system, id).await;
    assert_eq!(
        (&resumed["state"], &resumed["counts"]["published"]),
        (&json!("done"), &json!(5)),
        "{resumed}"
    );
    let again: Vec<_> = system.next_messages(3).into_iter().map(|record| record.key).collect();
    assert!(events[2..].iter().all(|id| again.contains(id)), "{again:?}");
    assert_eq!(system.unexpected_message(), None);
}

/// The message that Lambda sends when it gives up records.
fn given_up(arrival: &str) -> Value {
    let body = json!({
        "requestContext": {"condition": "RecordAgeExceeded"},
        "DDBStreamBatchInfo": {
            "approximateArrivalOfFirstRecord": arrival,
            "approximateArrivalOfLastRecord": arrival,
        },
    });
    json!({"Records": [{"messageId": "1", "body": body.to_string()}]})
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_given_up_is_acknowledged_when_its_replay_is_done() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    let events = system.create_events(&receiver, 3).await;
    system.await_messages(&events);
    let messages = given_up(&system.now());
    let comes_again = json!({"batchItemFailures": [{"itemIdentifier": "1"}]});
    let deliver = async |system: &System| system.stack.invoke("replay-unpublished", &messages).await.unwrap();
    let running = async |system: &System| {
        let key = HashMap::from(["pk", "sk"].map(|name| (name.to_owned(), text("RUNNING-REPLAYS"))));
        let list = system.dynamodb.get_item().table_name(&system.stack.table).set_key(Some(key));
        let list = list.consistent_read(true).send().await.unwrap().item.unwrap();
        let running = list["running"].as_l().unwrap().iter();
        running.map(|replay| replay.as_m().unwrap()["id"].as_s().unwrap().clone()).collect::<Vec<_>>()
    };

    system.stack.kafka.down().await.unwrap();
    assert_eq!(deliver(&system).await, comes_again, "its replay has only begun");
    let [cancelled] = &running(&system).await[..] else { panic!("one replay at a time") };
    assert_eq!(deliver(&system).await, comes_again, "its replay runs");
    assert_eq!(running(&system).await, [cancelled.as_str()]);
    assert_eq!(system.delete(&format!("/api/v1/admin/replays/{cancelled}")).await.status, 200);
    assert_eq!(deliver(&system).await, comes_again, "a replay that is cancelled has published nothing");
    let [second] = &running(&system).await[..] else { panic!("one replay at a time") };
    assert_ne!(second, cancelled);
    system.stack.kafka.up().await.unwrap();
    let second = ended(&system, second).await;
    assert_eq!((&second["state"], &second["counts"]["published"]), (&json!("done"), &json!(4)), "{second}");
    assert_eq!(deliver(&system).await, json!({"batchItemFailures": []}));
    assert_eq!(running(&system).await, [] as [String; 0]);
}
