//! XZepr's example client and its demonstration script.

use end_to_end::System;
use serde_json::{Value, json};

use super::{EVENT, GROUP, PAGINATION, RECEIVER, assert_decodes};

/// Posts an object and reads it, as the client does: by the members of the response itself.
async fn create_and_read(
    system: &System,
    path: &str,
    body: &Value,
    members: &[(&str, &str)],
) -> (String, Value) {
    let posted = system.post_as("application/json", path, body.to_string()).await;
    assert_eq!(posted.status, 200, "{posted}");
    let id = posted.id();
    let object = system.read(&format!("{path}/{id}")).await;
    assert_decodes(&object, members);
    assert_eq!(object["id"], id, "{object}");
    for (name, value) in body.as_object().unwrap() {
        assert_eq!(&object[name], value, "{name}: {object}");
    }
    (id, object)
}

#[tokio::test(flavor = "multi_thread")]
async fn xzepr_script_creates_reads_and_lists() {
    let system = System::start().await;
    let health = system.read("/health").await;
    assert_decodes(&health, &[("status", "string")]);
    let body = json!({"name": "kimchi", "type": "foo.bar", "version": "1.1.3", "description": "An event receiver",
        "schema": {"type": "object", "properties": {"name": {"type": "string"}}}});
    let (receiver, _) = create_and_read(&system, "/api/v1/receivers", &body, &RECEIVER).await;
    let event = json!({"name": "magnificent", "version": "7.0.1", "release": "2023.11.16", "platform_id": "linux",
        "package": "docker", "description": "d", "payload": {"name": "joe"}, "success": true,
        "event_receiver_id": receiver});
    create_and_read(&system, "/api/v1/events", &event, &EVENT).await;
    let group = json!({"name": "group", "type": "foo.bar", "version": "3.3.3", "description": "An event receiver group",
        "enabled": true, "event_receiver_ids": [receiver]});
    create_and_read(&system, "/api/v1/groups", &group, &GROUP).await;

    // The script prints `.pagination.total // 0`, and `.name`, `.type` and `.id` of `.data[]?`.
    let mut newer = body.clone();
    newer["type"] = json!("dev.cdevents.build.started.0.2.0");
    let (newer, _) = create_and_read(&system, "/api/v1/receivers", &newer, &RECEIVER).await;
    let page = system.read("/api/v1/receivers?limit=20&offset=0").await;
    assert_decodes(&page["pagination"], &PAGINATION);
    assert_eq!(page["pagination"]["total"], 2, "{page}");
    let entries = page["data"].as_array().unwrap();
    for (entry, id) in entries.iter().zip([newer, receiver]) {
        assert_decodes(entry, &RECEIVER);
        assert_eq!((&entry["id"], &entry["name"]), (&json!(id), &json!("kimchi")), "{page}");
    }
    assert_eq!(entries.len(), 2, "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn xzepr_client_reads_the_code_and_the_text_of_an_error() {
    let system = System::start().await;
    for path in ["receivers", "events", "groups"] {
        let unknown = system.get(&format!("/api/v1/{path}/01HJ1K2M3N4P5Q6R7S8T9V0W1X")).await;
        assert_eq!(unknown.status, 404, "{unknown}");
        assert_decodes(&unknown.body, &[("error", "string"), ("message", "string")]);
        assert_eq!(unknown.body.get("field"), None, "{unknown}");
        let refused = system.post_as("application/json", &format!("/api/v1/{path}"), "{}").await;
        assert_eq!(refused.status, 400, "{refused}");
        assert_decodes(&refused.body, &[("error", "string"), ("message", "string"), ("field", "string")]);
    }
}
