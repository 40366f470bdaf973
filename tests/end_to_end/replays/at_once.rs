//! Several replays at the same time.

use std::time::{Duration, Instant};

use end_to_end::{System, eventually, redacted};
use futures_util::future::join_all;
use insta::assert_snapshot;
use serde_json::json;

use super::{ENDS_WITHIN, ended, path, replay, since_yesterday, start};

#[tokio::test(flavor = "multi_thread")]
async fn a_second_replay_of_a_range_is_refused_until_the_first_ends_or_is_cancelled() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    let events = system.create_events(&receiver, 3).await;
    system.await_messages(&events).await;
    let range = since_yesterday(&system).await;
    // While Kafka is unavailable, a replay runs.
    system.stack.kafka.down().await.unwrap();
    let responses = join_all((0..5).map(|_| start(&system, &range))).await;
    let (started, refused): (Vec<_>, Vec<_>) = responses.iter().partition(|response| response.status == 202);
    assert_eq!(started.len(), 1, "of five requests at once one wins: {responses:?}");
    let first = started[0].id();
    assert_snapshot!(redacted(refused[0], &[(&first, "first replay")]), @r#"
    HTTP 409
    content-type: application/json
    x-request-id: [request id]

    {"error":"replay_running","message":"Replay [first replay] of a part of this range is running: wait for it, or cancel it.","errors":["Replay [first replay] of a part of this range is running: wait for it, or cancel it."],"data":"[first replay]"}
    "#);
    for response in &refused {
        assert_eq!(response.to_string(), refused[0].to_string());
    }
    let other = start(&system, &format!("{range}&dry_run=true")).await;
    assert_eq!(other.status, 202, "a dry run is never refused for another replay: {other}");

    let cancelled = system.delete(&path(&first)).await;
    assert_snapshot!(redacted(&cancelled, &[(&first, "first replay")]), @r#"
    HTTP 200
    content-type: application/json
    x-request-id: [request id]

    {"data":"[first replay]"}
    "#);
    let again = system.delete(&path(&first)).await;
    assert_snapshot!(redacted(&again, &[(&first, "first replay")]), @r#"
    HTTP 409
    content-type: application/json
    x-request-id: [request id]

    {"error":"replay_ended","message":"Replay [first replay] has ended.","errors":["Replay [first replay] has ended."],"data":"[first replay]"}
    "#);
    let third = start(&system, &range).await;
    assert_eq!(third.status, 202, "{third}");
    system.stack.kafka.up().await.unwrap();
    let third = &ended(&system, &third.id()).await.body["data"];
    assert_eq!((&third["state"], &third["counts"]["published"]), (&json!("done"), &json!(4)), "{third}");
    assert_eq!(ended(&system, &first).await.body["data"]["state"], "cancelled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replay_whose_item_is_gone_can_be_cancelled_and_then_blocks_no_other() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    let events = system.create_events(&receiver, 1).await;
    system.await_messages(&events).await;
    let range = since_yesterday(&system).await;
    // While Kafka is unavailable, a replay runs.
    system.stack.kafka.down().await.unwrap();
    let first = start(&system, &range).await.id();
    system.remove(&format!("REPLAY#{first}"), "REPLAY").await;
    assert_eq!(start(&system, &range).await.body["error"], "replay_running");
    assert_eq!(system.delete(&path(&first)).await.status, 200);
    assert_eq!(system.delete(&path(&first)).await.status, 404);
    assert_eq!(start(&system, &range).await.status, 202);
    system.stack.kafka.up().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_eleventh_replay_at_once_is_refused() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    // While Kafka is unavailable, each replay waits for its event.
    system.stack.kafka.down().await.unwrap();
    let mut bounds = vec![system.now().await];
    for _ in 0..11 {
        system.create_events(&receiver, 1).await;
        bounds.push(system.now().await);
    }
    let mut responses = Vec::new();
    for bounds in bounds.windows(2) {
        responses.push(start(&system, &format!("start={}&end={}", bounds[0], bounds[1])).await);
    }
    let (last, first) = responses.split_last().unwrap();
    assert!(first.iter().all(|response| response.status == 202), "{first:?}");
    assert_snapshot!(last, @r#"
    HTTP 409
    content-type: application/json
    x-request-id: [request id]

    {"error":"too_many_replays","message":"As many replays run as may run at once: wait for one, or cancel one.","errors":["As many replays run as may run at once: wait for one, or cancel one."]}
    "#);
    system.stack.kafka.up().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn one_replay_delays_no_other_and_has_one_worker() {
    let system = System::start_with(|options| {
        options.environment.insert("XZEPR_REPLAY_MAX_EVENTS_PER_SECOND".to_owned(), "2".to_owned());
    })
    .await;
    let receiver = system.create_receiver().await;
    // The receiver's message is in another partition, and could otherwise be read last.
    system.next_messages(1).await;
    let first = system.now().await;
    let many = system.create_events(&receiver, 60).await;
    let between = system.now().await;
    let one = system.create_events(&receiver, 1).await;
    system.await_messages(&[many, one].concat()).await;
    let end = system.now().await;

    let slow = start(&system, &format!("start={first}&end={between}")).await.id();
    eventually(ENDS_WITHIN, async || {
        let response = system.get(&path(&slow)).await;
        if response.body["data"]["counts"]["published"] == 0 { Err(response) } else { Ok(()) }
    })
    .await;
    let response = system.invoke("replay-events", &json!({"replay": slow})).await;
    assert_eq!(response, json!({"replay": slow, "ended": "is-taken"}));

    let began = Instant::now();
    let quick = replay(&system, &format!("start={between}&end={end}")).await;
    assert_eq!((&quick["state"], &quick["counts"]["published"]), (&json!("done"), &json!(1)), "{quick}");
    // The slow replay needs 30 s.
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    let slow = ended(&system, &slow).await;
    assert_eq!(slow.body["data"]["counts"]["published"], 60, "{slow}");
    system.next_messages(61).await;
    assert_eq!(system.unexpected_message(), None, "each event once");
}
