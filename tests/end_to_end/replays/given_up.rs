//! Records that the event source mapping gave up are replayed.

use end_to_end::System;
use serde_json::{Value, json};

use super::{ended, path};

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

/// The ids of the replays that run.
async fn running(system: &System) -> Vec<String> {
    let list = system.item("RUNNING-REPLAYS", "RUNNING-REPLAYS").await.unwrap();
    let running = list["running"].as_l().unwrap().iter();
    running.map(|replay| replay.as_m().unwrap()["id"].as_s().unwrap().clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_about_given_up_records_is_acknowledged_after_their_replay_is_done() {
    let mut system = System::start().await;
    let receiver = system.create_receiver().await;
    let events = system.create_events(&receiver, 3).await;
    system.await_messages(&events).await;
    let messages = given_up(&system.now().await);
    let comes_again = json!({"batchItemFailures": [{"itemIdentifier": "1"}]});
    let deliver = async |system: &System| system.invoke("replay-unpublished", &messages).await;

    system.stack.kafka.down().await.unwrap();
    assert_eq!(deliver(&system).await, comes_again, "its replay has only begun");
    let [cancelled] = &running(&system).await[..] else { panic!("one replay at a time") };
    assert_eq!(deliver(&system).await, comes_again, "its replay runs");
    assert_eq!(running(&system).await, [cancelled.as_str()]);
    assert_eq!(system.delete(&path(cancelled)).await.status, 200);
    assert_eq!(deliver(&system).await, comes_again, "a cancelled replay has published nothing");
    let [second] = &running(&system).await[..] else { panic!("one replay at a time") };
    assert_ne!(second, cancelled);
    system.stack.kafka.up().await.unwrap();
    let second = &ended(&system, second).await.body["data"];
    assert_eq!((&second["state"], &second["counts"]["published"]), (&json!("done"), &json!(4)), "{second}");
    assert_eq!(deliver(&system).await, json!({"batchItemFailures": []}));
    assert_eq!(running(&system).await, [] as [String; 0]);
}
