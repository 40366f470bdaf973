//! Event receiver groups: of any size, in the caller's order.

use end_to_end::System;
use local::samples;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/event-receiver-groups";

fn group(receivers: &[String]) -> Value {
    json!({"name": "gate", "type": "t", "version": "2", "description": "d", "event_receiver_ids": receivers})
}

/// Creates receivers and reads away the messages that tell of them.
async fn receivers(system: &System, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..count {
        let mut body = samples::receiver();
        body["version"] = json!(number.to_string());
        ids.push(system.create("/api/v1/event-receivers", &body).await);
    }
    system.next_messages(count);
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_created_group_is_told_of_with_its_receivers_in_order() {
    let system = System::start().await;
    let mut ids = receivers(&system, 2).await;
    ids.reverse();
    let group = system.create(PATH, &group(&ids)).await;
    let message = system.next_messages(1).remove(0);
    let value: Value = serde_json::from_str(&message.value).unwrap();
    let created_at = &value["data"]["created_at"];
    assert_eq!(
        message.value,
        format!(
            concat!(
                r#"{{"success":true,"id":"{key}","specversion":"1.0.1","#,
                r#""type":"xzepr.event.receiver.group.created","source":"xzepr.event.receiver.{first}","#,
                r#""api_version":"v1","name":"xzepr.event.receiver.group.created","version":"1.0.0","#,
                r#""release":"system","platform_id":"xzepr","package":"xzepr.system","data":{{"#,
                r#""description":"Event receiver group 'gate' created","event_receiver_id":"{first}","#,
                r#""created_at":{created_at},"payload":{{"group_id":"{group}","name":"gate","type":"t","#,
                r#""version":"2","description":"d","enabled":false,"receiver_ids":["{first}","{second}"],"#,
                r#""receiver_count":2}}}}}}"#,
            ),
            key = message.key,
            first = ids[0],
            second = ids[1],
            group = group,
            created_at = created_at,
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_group_names_itself() {
    let system = System::start().await;
    let id = system.create("/api/v1/groups", &group(&[])).await;
    let value: Value = serde_json::from_str(&system.next_messages(1)[0].value).unwrap();
    assert_eq!(value["source"], format!("xzepr.event.receiver.{id}"));
    assert_eq!(value["data"]["event_receiver_id"], id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_more_receivers_than_a_transaction_holds_is_stored_whole() {
    let system = System::start().await;
    let ids = receivers(&system, 120).await;
    let id = system.create(PATH, &group(&ids)).await;
    let value: Value = serde_json::from_str(&system.next_messages(1)[0].value).unwrap();
    assert_eq!(value["data"]["payload"]["receiver_ids"], json!(ids));
    let memberships = system.keys().await.into_iter().filter(|(_, sk)| *sk == format!("GROUP#{id}")).count();
    assert_eq!(memberships, 120);
}
