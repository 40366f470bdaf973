//! The requests and capacity units of gates and searches, counted before the tables. docs/gates.md has the figures.

use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, PutRequest, WriteRequest};
use end_to_end::{DynamodbProxy, Item, System, Usage, eventually, partition_key};
use futures_util::{StreamExt, TryStreamExt, stream};
use local::samples;
use serde_json::{Value, json};
use tokio::time::sleep;

/// How many events are posted at the same time.
const AT_ONCE: usize = 6;

/// The artifacts of the measurement. Each has ten events, of which the last one completes the group.
const ARTIFACTS: usize = 100;

/// How many events have the same name in the search.
const NAMESAKES: usize = 100_000;

/// Items of one `BatchWriteItem`.
const BATCH: usize = 25;

const SETTLED_WITHIN: Duration = Duration::from_secs(90);

/// One of the ten events of an artifact.
fn event(receiver: &str, artifact: usize, success: bool) -> Value {
    let mut event = samples::event(receiver);
    (event["release"], event["success"]) = (json!(artifact.to_string()), json!(success));
    event
}

/// The ten events of each artifact, in their order. One of twenty events has failed, and a later one of its receiver is
/// successful.
fn events(one: &str, other: &str, artifact: usize) -> Vec<Value> {
    let first =
        if artifact.is_multiple_of(2) { event(other, artifact, false) } else { event(one, artifact, true) };
    let mut events = vec![first];
    events.extend((0..8).map(|_| event(one, artifact, true)));
    events.push(event(other, artifact, true));
    events
}

/// The usage after no function uses the tables any more.
async fn settled(proxy: &DynamodbProxy) -> Usage {
    let consumed = |usage: &Usage| (usage.reads(), usage.writes());
    let mut before = consumed(&proxy.usage());
    eventually(SETTLED_WITHIN, async || {
        sleep(Duration::from_secs(1)).await;
        let usage = proxy.usage();
        let is_settled = consumed(&usage) == before;
        before = consumed(&usage);
        if is_settled { Ok(usage) } else { Err(usage) }
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_events_of_which_a_tenth_complete_a_group_cost_as_much_as_reckoned() {
    let (system, proxy) = System::start_measured().await;
    let receivers = system.create_receivers(2).await;
    let mut body = samples::group("");
    body["event_receiver_ids"] = json!(receivers);
    let group = system.create("/api/v1/event-receiver-groups", &body).await;
    // The functions know the receivers and the group after this.
    for _ in 0..AT_ONCE * 2 {
        system.create("/api/v1/events", &event(&receivers[0], ARTIFACTS, true)).await;
    }
    system.create("/api/v1/events", &event(&receivers[1], ARTIFACTS, true)).await;
    system.next_message_of("com.example.gate").await;
    settled(&proxy).await;

    proxy.reset();
    let posts = (0..ARTIFACTS).map(async |artifact| {
        let mut ids = Vec::new();
        for event in events(&receivers[0], &receivers[1], artifact) {
            ids.push(system.create("/api/v1/events", &event).await);
        }
        ids
    });
    let ids: Vec<_> = stream::iter(posts).buffer_unordered(AT_ONCE).collect().await;
    let posted = ids.iter().map(Vec::len).sum::<usize>();
    for _ in 0..ARTIFACTS {
        system.next_message_of("com.example.gate").await;
    }
    let usage = settled(&proxy).await;
    println!("{posted} events, {ARTIFACTS} completions:\n{usage}");
    let (reads, writes) = (usage.reads(), usage.writes());
    println!("reads: {reads:?}\nwrites: {writes:?}");
    assert_eq!(posted, 1000);
    // The reference reckons 4,950 write units and 1,600 read units, without the search items of completions (200) and
    // without the measured lag.
    assert!(writes.units <= 5400.0, "{usage}");
    assert!(reads.units <= 1800.0, "{usage}");

    proxy.reset();
    let artifact =
        "name=com.example.build.finished&version=2.1.0&release=1&platform_id=linux-x86_64&package=myapp";
    let gate = system.read(&format!("/api/v1/event-receiver-groups/{group}/gate?{artifact}")).await;
    assert_eq!(gate["data"]["complete"], true, "{gate}");
    let reads = proxy.usage().reads();
    println!("an explanation of a gate: {} requests, {} units", reads.requests, reads.units);
    assert!(reads.requests <= 6, "{}", proxy.usage());
}

/// An index item under another id.
fn under_id(item: &Item, id: &str) -> WriteRequest {
    let mut item = item.clone();
    item.insert("sk".to_owned(), AttributeValue::S(id.to_owned()));
    WriteRequest::builder().put_request(PutRequest::builder().set_item(Some(item)).build().unwrap()).build()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_50_by_name_among_100_000_events_needs_at_most_3_read_requests() {
    let (system, proxy) = System::start_measured().await;
    let receiver = system.create_receiver().await;
    let first = system.create_events(&receiver, 1).await.remove(0);
    system.await_indexed(std::slice::from_ref(&first)).await;
    let name = system.item(&partition_key(&first), &first).await.unwrap()["name"].as_s().unwrap().clone();
    let item = system.index_item(&format!("NAME#{name}"), &first).await.unwrap();
    let made = first.parse::<ulid::Ulid>().unwrap().timestamp_ms();
    let ids: Vec<_> =
        (1..=NAMESAKES).map(|number| ulid::Ulid::from_parts(made - number as u64, 0).to_string()).collect();
    stream::iter(ids.chunks(BATCH))
        .map(async |ids| {
            let items: Vec<_> = ids.iter().map(|id| under_id(&item, id)).collect();
            system.dynamodb.batch_write_item().request_items(&system.stack.index_table, items).send().await
        })
        .buffer_unordered(AT_ONCE)
        .try_for_each(async |written| {
            assert!(written.unprocessed_items().is_none_or(|items| items.is_empty()));
            Ok(())
        })
        .await
        .unwrap();

    settled(&proxy).await;
    let mut path = format!("/api/v1/events?name={name}&limit=50");
    // The first page, and one in the middle of a search.
    for page in 0..2 {
        proxy.reset();
        let answer = system.read(&path).await;
        let reads = proxy.usage().reads();
        println!("page {page}: {} requests, {} units", reads.requests, reads.units);
        assert_eq!(answer["data"].as_array().map(Vec::len), Some(50));
        assert!(reads.requests <= 3, "{}", proxy.usage());
        let next = answer["pagination"]["next"].as_str().unwrap();
        path = format!("/api/v1/events?name={name}&limit=50&cursor={next}");
    }
}
