//! The Event Provenance Registry's end-to-end suite, and its Go client, which its command line uses.

use chrono::DateTime;
use end_to_end::{Response, System};
use serde_json::{Value, json};

use super::{EVENT, GROUP, RECEIVER, assert_decodes};

const JSON: &str = "application/json";
const SCHEMA: &str = r#"{"type":"object","properties":{"size":{"type":"number"}}}"#;
const PAYLOAD: &str = r#"{"size":1029354}"#;

/// A body as the suite writes it: over several lines, with tabs.
fn body(members: &[(&str, &str)]) -> String {
    let members: Vec<_> = members.iter().map(|(name, value)| format!("\t\"{name}\": {value}")).collect();
    format!("{{\n{}\n}}", members.join(",\n"))
}

fn receiver_members() -> [(&'static str, &'static str); 5] {
    [
        ("name", r#""accept & merge""#),
        ("type", r#""repo.merged""#),
        ("version", r#""5.6.7""#),
        ("description", r#""Merges""#),
        ("schema", SCHEMA),
    ]
}

/// Posts to a path with a slash at its end, and returns the id. The client takes any member `errors` for a failure.
async fn create(system: &System, path: &str, body: String) -> String {
    let response = system.post_as(JSON, path, body).await;
    assert_eq!((response.status, response.body.get("errors")), (200, None), "{response}");
    let id = response.id();
    assert!(!id.is_empty(), "{response}");
    id
}

/// Reads an object as the suite does, by the only entry of `data`, also under a path with a slash at its end.
async fn read(system: &System, path: &str, id: &str, members: &[(&str, &str)]) -> (Value, Response) {
    let response = system.get(&format!("{path}{id}")).await;
    assert_eq!((response.status, response.body.get("errors")), (200, None), "{response}");
    let slash = system.get(&format!("{path}{id}/")).await;
    assert_eq!((slash.status, slash.text()), (200, response.text()));
    let data = response.body["data"].as_array().unwrap();
    assert_eq!((data.len(), &data[0]["id"]), (1, &json!(id)), "{response}");
    assert_decodes(&data[0], members);
    (data[0].clone(), response)
}

#[tokio::test(flavor = "multi_thread")]
async fn epr_suite_creates_and_reads_each_kind_under_paths_with_a_slash() {
    let system = System::start().await;
    let receiver = create(&system, "/api/v1/receivers/", body(&receiver_members())).await;
    let (object, response) = read(&system, "/api/v1/receivers/", &receiver, &RECEIVER).await;
    assert_eq!(object["name"], "accept & merge");
    assert_ne!(object["fingerprint"], "");
    assert!(response.text().contains(&format!(r#""schema":{SCHEMA}"#)), "{response}");

    let event = body(&[
        ("name", r#""upload""#),
        ("version", r#""1.0.0""#),
        ("release", r#""2022.12.03""#),
        ("platform_id", r#""arm-oci-linux""#),
        ("package", r#""docker""#),
        ("description", r#""Uploads""#),
        ("payload", PAYLOAD),
        ("success", "false"),
        ("event_receiver_id", &format!("{receiver:?}")),
    ]);
    let event = create(&system, "/api/v1/events/", event).await;
    let (object, response) = read(&system, "/api/v1/events/", &event, &EVENT).await;
    assert_eq!((&object["success"], &object["event_receiver_id"]), (&json!(false), &json!(receiver)));
    assert_decodes(&object["EventReceiver"], &RECEIVER);
    assert!(response.text().contains(&format!(r#""payload":{PAYLOAD}"#)), "{response}");

    let group = body(&[
        ("name", r#""merges""#),
        ("type", r#""merged""#),
        ("version", r#""7.8.9""#),
        ("description", r#""All merges""#),
        ("enabled", "true"),
        ("event_receiver_ids", &json!([receiver]).to_string()),
    ]);
    let group = create(&system, "/api/v1/groups/", group).await;
    let (object, _) = read(&system, "/api/v1/groups/", &group, &GROUP).await;
    assert_eq!((&object["enabled"], &object["event_receiver_ids"]), (&json!(true), &json!([receiver])));
    let time = |name| DateTime::parse_from_rfc3339(object[name].as_str().unwrap()).unwrap();
    assert_eq!(time("created_at"), time("updated_at"));
}

#[tokio::test(flavor = "multi_thread")]
async fn epr_suite_sees_another_time_after_each_change_of_a_group() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let group = json!({"name": "n", "type": "t", "version": "2.0.11", "description": "d", "enabled": true,
        "event_receiver_ids": [receiver]});
    let group = create(&system, "/api/v1/groups/", group.to_string()).await;
    let mut before = read(&system, "/api/v1/groups/", &group, &GROUP).await.0;
    for is_enabled in [false, true] {
        let change = format!(r#"{{"enabled": {is_enabled}}}"#);
        let response = system.patch(&format!("/api/v1/groups/{group}"), change).await;
        assert_eq!((response.status, response.id(), response.body.get("errors")), (200, group.clone(), None));
        let after = read(&system, "/api/v1/groups/", &group, &GROUP).await.0;
        assert_eq!(after["enabled"], is_enabled, "{after}");
        assert_ne!(after["updated_at"], before["updated_at"], "{after}");
        before = after;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn epr_suite_finds_errors_and_no_data_for_an_unknown_id() {
    let system = System::start().await;
    for path in [
        "/api/v1/events/non-existent-event-id",
        "/api/v1/receivers/non-existent-receiver-id",
        "/api/v1/groups/non-existent-group-id",
    ] {
        let response = system.get(path).await;
        assert_eq!((response.status, response.body.get("data")), (404, None), "{response}");
        assert_errors(&response);
    }
}

/// The client decodes `errors` into a list of texts, which must not be empty.
fn assert_errors(response: &Response) {
    let errors = response.body["errors"].as_array().unwrap();
    assert!(!errors.is_empty() && errors.iter().all(Value::is_string), "{response}");
}

#[tokio::test(flavor = "multi_thread")]
async fn epr_suite_finds_errors_and_no_id_for_a_body_with_a_fault() {
    let system = System::start().await;
    for (member, value) in [
        ("name", r#""""#),
        ("type", r#""""#),
        ("version", r#""""#),
        ("description", r#""""#),
        ("schema", "{abcd}"),
        ("schema", ""),
    ] {
        let faulty = receiver_members().map(|(name, good)| (name, if name == member { value } else { good }));
        let response = system.post_as(JSON, "/api/v1/receivers/", body(&faulty)).await;
        assert_eq!((response.status, response.body.get("data")), (400, None), "{member} {value}: {response}");
        assert_errors(&response);
    }
    let receiver = create(&system, "/api/v1/receivers/", body(&receiver_members())).await;
    for receivers in [json!(["", receiver]), json!([receiver, "should-not-exist"])] {
        let group = json!({"name": "n", "type": "t", "version": "1", "description": "d", "enabled": false,
            "event_receiver_ids": receivers});
        let response = system.post_as(JSON, "/api/v1/groups/", group.to_string()).await;
        assert_eq!((response.status, response.body.get("data")), (400, None), "{receivers}: {response}");
        assert_errors(&response);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn epr_go_client_sends_whole_structs_with_zero_values() {
    let system = System::start().await;
    let receiver = r#"{"id":"","name":"build","type":"ci.build","version":"1","description":"d","schema":{},"fingerprint":"","created_at":"0001-01-01T00:00:00Z"}"#;
    let receiver = create(&system, "/api/v1/receivers", receiver.to_owned()).await;
    let event = format!(
        r#"{{"id":"","name":"n","version":"1","release":"1","platform_id":"p","package":"oci","description":"d","payload":{{}},"success":true,"created_at":"0001-01-01T00:00:00Z","event_receiver_id":"{receiver}","EventReceiver":{{"id":"","name":"","type":"","version":"","description":"","schema":null,"fingerprint":"","created_at":"0001-01-01T00:00:00Z"}}}}"#
    );
    let event = create(&system, "/api/v1/events", event).await;
    let (event, _) = read(&system, "/api/v1/events/", &event, &EVENT).await;
    assert_eq!(event["EventReceiver"]["name"], "build");
    assert!(!event["created_at"].as_str().unwrap().starts_with("0001"), "{event}");

    let group = format!(
        r#"{{"id":"","name":"g","type":"t","version":"1","description":"d","enabled":true,"event_receiver_ids":["{receiver}"],"created_at":"0001-01-01T00:00:00Z","updated_at":"0001-01-01T00:00:00Z"}}"#
    );
    let group = create(&system, "/api/v1/groups", group).await;
    let before = read(&system, "/api/v1/groups/", &group, &GROUP).await.0;
    let change = |group: &str| {
        format!(
            r#"{{"id":"{group}","name":"","type":"","version":"","description":"","enabled":false,"event_receiver_ids":null,"created_at":"0001-01-01T00:00:00Z","updated_at":"0001-01-01T00:00:00Z"}}"#
        )
    };
    // The client returns the body of a success as it is, and takes each status from 400 on for a failure.
    let response = system.patch(&format!("/api/v1/groups/{group}"), change(&group)).await;
    assert_eq!((response.status, response.text()), (200, &*format!(r#"{{"data":"{group}"}}"#)));
    let mut after = read(&system, "/api/v1/groups/", &group, &GROUP).await.0;
    assert_ne!(after["updated_at"], before["updated_at"]);
    for member in ["enabled", "updated_at"] {
        after[member] = before[member].clone();
    }
    assert_eq!(after, before);
    let unknown = system.patch("/api/v1/groups/nope", change("nope")).await;
    assert_eq!(unknown.status, 404, "{unknown}");
    assert_errors(&unknown);
}
