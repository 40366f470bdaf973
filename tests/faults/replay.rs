//! A replay of large events from a slow table.

use std::time::Duration;

use end_to_end::{Mode, System, eventually};

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_large_events_may_take_long() {
    let (system, proxy) = System::start_behind_proxy().await;
    let receiver = system.create_receiver().await;
    let event = system.create_events(&receiver, 1).await.remove(0);
    let payload = format!(r#"{{"commit":"{}"}}"#, "8".repeat(250_000));
    // All of one partition key: one query returns four of them, a megabyte.
    let ids: Vec<_> = (0..8).map(|number| format!("01HM6AQH2000000000000000{number}Z")).collect();
    let event = system.event_item(&event).await.with("payload", &payload);
    for id in &ids {
        system.put(event.clone().at("EVENT#2024-01-15#Z", id)).await;
    }
    system.await_messages(&ids).await;

    // A megabyte has 16 segments or more.
    proxy.set(Mode::Delay(Duration::from_millis(100)));
    let start = "/api/v1/admin/replay-events?start=2024-01-15T00:00:00Z&end=2024-01-16T00:00:00Z";
    let replay = system.post(start, "").await;
    assert_eq!(replay.status, 202, "{replay}");
    let path = format!("/api/v1/admin/replays/{}", replay.id());
    let done = eventually(Duration::from_secs(60), async || {
        let response = system.get(&path).await;
        if response.body["data"]["state"] == "done" { Ok(response) } else { Err(response) }
    })
    .await;
    assert_eq!(done.body["data"]["counts"]["published"], 8, "{done}");
}
