//! A replay of large events from a slow table.

use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::AttributeValue;
use end_to_end::{Mode, System};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_large_events_has_the_time_that_it_takes() {
    let (system, proxy) = System::start_behind_proxy().await;
    let receiver = system.create_receiver().await;
    let event = system.create_events(&receiver, 1).await.remove(0);
    let payload = format!(r#"{{"commit":"{}"}}"#, "8".repeat(250_000));
    // All of one partition key: one query returns four of them, a megabyte.
    let ids: Vec<_> = (0..8).map(|number| format!("01HM6AQH2000000000000000{number}Z")).collect();
    let event = system.item_of(&event).await;
    for id in &ids {
        let mut item = event.clone();
        for (name, value) in [("pk", "EVENT#2024-01-15#Z"), ("sk", id), ("payload", &payload)] {
            item.insert(name.to_owned(), AttributeValue::S(value.to_owned()));
        }
        system.put_raw(item).await;
    }
    system.await_messages(&ids);

    // A megabyte has 16 segments and more.
    proxy.set(Mode::Delay(Duration::from_millis(100)));
    let start = "/api/v1/admin/replay-events?start=2024-01-15T00:00:00Z&end=2024-01-16T00:00:00Z";
    let replay = system.post(start, "").await;
    assert_eq!(replay.status, 202, "{replay:?}");
    let path = format!("/api/v1/admin/replays/{}", replay.body["data"].as_str().unwrap());
    let until = Instant::now() + Duration::from_secs(60);
    let ended = loop {
        let answer = system.get(&path).await;
        if answer.body["data"]["state"] == "done" {
            break answer;
        }
        assert!(Instant::now() < until, "{answer:?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    assert_eq!(ended.body["data"]["counts"]["published"], json!(8), "{ended:?}");
}
