//! The options of a group: a completion at each run of a step, and a message when a failure follows a completion.

use end_to_end::System;
use serde_json::{Value, json};

use super::{TYPE, group, payload, post};

#[tokio::test(flavor = "multi_thread")]
async fn a_group_with_repeat_completes_again_at_each_later_green() {
    let system = System::start().await;
    let receivers = system.create_receivers(2).await;
    let group = group(&system, &receivers, &json!({"repeat": true})).await;
    for receiver in &receivers {
        post(&system, receiver, "1", true).await;
    }
    for completion in 1..=3 {
        let message = payload(&system.next_message_of(TYPE).await);
        assert_eq!((&message["group_id"], &message["completion"]), (&json!(group), &json!(completion)));
        if completion < 3 {
            let again = post(&system, &receivers[0], "1", true).await;
            let events = &message["events"];
            assert!(!events.to_string().contains(&again), "{message}");
        }
    }
    assert_eq!(system.further_messages_of(TYPE), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_with_notify_incomplete_announces_the_first_failure_after_each_completion() {
    let system = System::start().await;
    let receivers = system.create_receivers(2).await;
    let group = group(&system, &receivers, &json!({"notify_incomplete": true})).await;
    post(&system, &receivers[0], "1", false).await;
    assert_eq!(system.further_messages_of(TYPE), [], "it was never complete");
    for completion in 1..=2 {
        for receiver in &receivers {
            post(&system, receiver, "1", true).await;
        }
        assert_eq!(payload(&system.next_message_of(TYPE).await)["completion"], completion);
        let failed = post(&system, &receivers[1], "1", false).await;
        let message = system.next_message_of(TYPE).await;
        let value: Value = serde_json::from_str(&message.value).unwrap();
        assert_eq!((&value["success"], &value["release"]), (&json!(false), &json!("1")), "{value}");
        assert_eq!(value["source"], format!("xzepr.event.receiver.group.{group}"), "{value}");
        let payload = payload(&message);
        assert_eq!(payload["completion"], completion, "{payload}");
        let expected = json!([{"event_receiver_id": receivers[1], "event_id": failed}]);
        assert_eq!(payload["failed"], expected, "{payload}");
        assert_eq!(payload.get("events"), None::<&Value>, "{payload}");
        post(&system, &receivers[0], "1", false).await;
        assert_eq!(system.further_messages_of(TYPE), [], "a further failure tells nothing new");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_option_of_a_wrong_type_is_refused() {
    let system = System::start().await;
    for option in ["repeat", "notify_incomplete"] {
        let mut body = local::samples::group("");
        body["event_receiver_ids"] = json!([]);
        body[option] = json!("yes");
        let refused = system.post("/api/v1/groups", body.to_string()).await;
        assert_eq!((refused.status, &refused.body["field"]), (400, &json!(option)), "{refused}");
    }
}
