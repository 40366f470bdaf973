//! A group is enabled and disabled, and each change is announced once.

use end_to_end::{System, created_at, redacted};
use insta::assert_snapshot;
use local::samples;
use serde_json::{Value, json};

const UNKNOWN: &str = "01HJ1K2M3N4P5Q6R7S8T9V0W1X";

/// A group of one receiver, enabled. All messages so far are read.
async fn group(system: &System) -> (String, String) {
    let receiver = system.create_receiver().await;
    let group = system.create("/api/v1/event-receiver-groups", &samples::group(&receiver)).await;
    system.next_messages(2).await;
    (receiver, group)
}

fn path(group: &str) -> String {
    format!("/api/v1/event-receiver-groups/{group}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_stored_with_its_time_and_announced() {
    let system = System::start().await;
    let (receiver, group) = group(&system).await;
    let before = system.read(&path(&group)).await;
    let response = system.patch(&path(&group), r#"{"enabled":false}"#).await;
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
        (&*group, "group"),
        (&*receiver, "receiver"),
        (&*created_at(&event), "time of the event's id"),
    ];
    assert_snapshot!(redacted(&message.value, &values), @r#"{"success":true,"id":"[event]","specversion":"1.0.1","type":"xzepr.event.receiver.group.modified","source":"xzepr.event.receiver.[receiver]","api_version":"v1","name":"xzepr.event.receiver.group.modified","version":"1.0.0","release":"system","platform_id":"xzepr","package":"xzepr.system","data":{"description":"Event receiver group 'release-gate' modified","event_receiver_id":"[receiver]","created_at":"[time of the event's id]","payload":{"group_id":"[group]","name":"release-gate","type":"com.example.gate","version":"1.0.0","description":"The steps before a release","enabled":false,"receiver_ids":["[receiver]"],"receiver_count":1}}}"#);

    let after = system.read(&path(&group)).await;
    assert_eq!((&after["enabled"], &after["created_at"]), (&json!(false), &before["created_at"]), "{after}");
    assert_ne!(after["updated_at"], before["updated_at"], "{after}");
    let updated_at = after["updated_at"].as_str().unwrap();
    assert!(updated_at.parse::<chrono::DateTime<chrono::Utc>>().is_ok(), "{after}");
    let tag = system.get(&path(&group)).await.headers["etag"].clone();
    system.patch(&path(&group), r#"{"enabled":true}"#).await;
    let changed = system.get_with_header(&path(&group), "if-none-match", &tag).await;
    assert_eq!((changed.status, &changed.body["enabled"]), (200, &json!(true)), "{changed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_changes_nothing_succeeds_without_a_message() {
    let system = System::start().await;
    let (_, group) = group(&system).await;
    let before = system.get(&path(&group)).await;
    let response = system.patch(&path(&group), r#"{"enabled":true}"#).await;
    assert_eq!((response.status, response.id()), (200, group.clone()), "{response}");
    assert_eq!(system.get(&path(&group)).await.text(), before.text());
    assert_eq!(system.unexpected_message(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_for_the_same_change_at_the_same_time_make_one() {
    let system = System::start().await;
    let (_, group) = group(&system).await;
    let disable = async || system.patch(&path(&group), r#"{"enabled":false}"#).await.status;
    let all = tokio::join!(disable(), disable(), disable(), disable());
    assert_eq!(all, (200, 200, 200, 200));
    system.next_message_of("xzepr.event.receiver.group.modified").await;
    assert_eq!(system.unexpected_message(), None);
}

/// EPR's Go client sends its whole struct with empty texts.
#[tokio::test(flavor = "multi_thread")]
async fn only_the_member_enabled_counts() {
    let system = System::start().await;
    let (receiver, group) = group(&system).await;
    let before = system.read(&path(&group)).await;
    let body = json!({"id": "", "name": "", "type": "", "version": "", "description": "", "enabled": false,
        "event_receiver_ids": null, "created_at": "0001-01-01T00:00:00Z", "updated_at": "0001-01-01T00:00:00Z",
        "unknown": {"x": [1]}});
    let response = system.patch(&format!("/api/v1/groups/{group}"), body.to_string()).await;
    assert_eq!(response.status, 200, "{response}");
    let after = system.read(&path(&group)).await;
    for member in ["id", "name", "type", "version", "description", "created_at"] {
        assert_eq!(after[member], before[member], "{member}: {after}");
    }
    assert_eq!((&after["enabled"], &after["event_receiver_ids"]), (&json!(false), &json!([receiver])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_body_and_an_unknown_group_are_refused() {
    let system = System::start().await;
    let (_, group) = group(&system).await;
    for (body, error) in [
        (r#"{"enabled":"false"}"#, "invalid_field"),
        (r#"{"enabled":0}"#, "invalid_field"),
        (r#"{"enabled":null}"#, "invalid_field"),
        ("{}", "invalid_field"),
        ("[]", "invalid_json"),
        ("{", "invalid_json"),
        ("", "invalid_json"),
        (r#"{"enabled":true,"enabled":false}"#, "invalid_json"),
    ] {
        let refused = system.patch(&path(&group), body).await;
        assert_eq!((refused.status, &refused.body["error"]), (400, &json!(error)), "{body}: {refused}");
    }
    for id in [UNKNOWN, "non-existent-group-id"] {
        let refused = system.patch(&path(id), r#"{"enabled":false}"#).await;
        assert_eq!((refused.status, &refused.body["error"]), (404, &json!("not_found")), "{id}: {refused}");
    }
    let read: Value = system.read(&path(&group)).await;
    assert_eq!((&read["enabled"], &read["updated_at"]), (&json!(true), &read["created_at"]), "{read}");
    assert_eq!(system.unexpected_message(), None);
}
