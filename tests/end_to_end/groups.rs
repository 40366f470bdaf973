//! Event receiver groups: of any size, in the caller's order.

use end_to_end::{System, created_at, redacted};
use insta::assert_snapshot;
use local::samples;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/event-receiver-groups";

fn group(receivers: &[String]) -> Value {
    json!({"name": "gate", "type": "t", "version": "2", "description": "d", "event_receiver_ids": receivers})
}

/// Creates receivers, and reads the messages that announce them.
async fn receivers(system: &System, count: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..count {
        let mut body = samples::receiver();
        body["version"] = json!(number.to_string());
        ids.push(system.create("/api/v1/event-receivers", &body).await);
    }
    system.next_messages(count).await;
    ids
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_group_is_announced_with_its_receivers_in_order() {
    let system = System::start().await;
    let mut ids = receivers(&system, 2).await;
    ids.reverse();
    let response = system.post(PATH, group(&ids).to_string()).await;
    let group = response.id();
    assert_snapshot!(redacted(&response, &[(&group, "group")]), @r#"
    HTTP 200
    content-type: application/json
    x-request-id: [request id]

    {"data":"[group]"}
    "#);

    let message = system.next_messages(1).await.remove(0);
    let event = message.key;
    let values = [
        (&*event, "event"),
        (&group, "group"),
        (&ids[0], "first receiver"),
        (&ids[1], "second receiver"),
        (&created_at(&event), "time of the event's id"),
    ];
    assert_snapshot!(redacted(&message.value, &values), @r#"{"success":true,"id":"[event]","specversion":"1.0.1","type":"xzepr.event.receiver.group.created","source":"xzepr.event.receiver.[first receiver]","api_version":"v1","name":"xzepr.event.receiver.group.created","version":"1.0.0","release":"system","platform_id":"xzepr","package":"xzepr.system","data":{"description":"Event receiver group 'gate' created","event_receiver_id":"[first receiver]","created_at":"[time of the event's id]","payload":{"group_id":"[group]","name":"gate","type":"t","version":"2","description":"d","enabled":false,"receiver_ids":["[first receiver]","[second receiver]"],"receiver_count":2}}}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_group_is_the_source_of_its_own_event() {
    let system = System::start().await;
    let group = system.create("/api/v1/groups", &group(&[])).await;
    let message = system.next_messages(1).await.remove(0);
    let event = message.key;
    let values = [(&*event, "event"), (&group, "group"), (&created_at(&event), "time of the event's id")];
    assert_snapshot!(redacted(&message.value, &values), @r#"{"success":true,"id":"[event]","specversion":"1.0.1","type":"xzepr.event.receiver.group.created","source":"xzepr.event.receiver.[group]","api_version":"v1","name":"xzepr.event.receiver.group.created","version":"1.0.0","release":"system","platform_id":"xzepr","package":"xzepr.system","data":{"description":"Event receiver group 'gate' created","event_receiver_id":"[group]","created_at":"[time of the event's id]","payload":{"group_id":"[group]","name":"gate","type":"t","version":"2","description":"d","enabled":false,"receiver_ids":[],"receiver_count":0}}}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_more_receivers_than_a_transaction_holds_is_stored_whole() {
    let system = System::start().await;
    let ids = receivers(&system, 120).await;
    let id = system.create(PATH, &group(&ids)).await;
    let value: Value = serde_json::from_str(&system.next_messages(1).await[0].value).unwrap();
    assert_eq!(value["data"]["payload"]["receiver_ids"], json!(ids));
    let memberships = system.keys().await.into_iter().filter(|(_, sk)| *sk == format!("GROUP#{id}")).count();
    assert_eq!(memberships, 120);
}
