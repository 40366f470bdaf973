//! The rights of each scope.

use insta::assert_snapshot;
use serde_json::json;

use crate::caller::{self, EVENTS, GROUPS, RECEIVERS, REPLAYS, post, status, token};

const SCOPES: [&str; 6] = [
    "xzepr/events:write",
    "xzepr/receivers:write",
    "xzepr/groups:write",
    "xzepr/admin",
    "xzepr/read",
    "xzepr/override",
];

#[tokio::test(flavor = "multi_thread")]
async fn a_token_has_the_rights_of_its_scope_alone() {
    let system = caller::system().await;
    for (path, needed) in [
        (EVENTS, "xzepr/events:write"),
        ("/api/v1/events/", "xzepr/events:write"),
        ("/api/v1/events/batch", "xzepr/events:write"),
        ("/api/v1/events/batch/", "xzepr/events:write"),
        (RECEIVERS, "xzepr/receivers:write"),
        ("/api/v1/receivers", "xzepr/receivers:write"),
        ("/api/v1/receivers/", "xzepr/receivers:write"),
        (GROUPS, "xzepr/groups:write"),
        ("/api/v1/groups", "xzepr/groups:write"),
        ("/api/v1/groups/", "xzepr/groups:write"),
        (REPLAYS, "xzepr/admin"),
        ("/api/v1/admin/replay-events/", "xzepr/admin"),
        ("/api/v1/admin/replays/01HJ1K2M3N4P5Q6R7S8T9V0W1X", "xzepr/admin"),
        ("/api/v1/admin/replays/01HJ1K2M3N4P5Q6R7S8T9V0W1X/", "xzepr/admin"),
        ("/api/v1/openapi.json", "xzepr/read"),
        ("/api/v1/status", "xzepr/read"),
        ("/api/v1/status/", "xzepr/read"),
        ("/health", "xzepr/read"),
        ("/healthz/readiness", "xzepr/read"),
    ] {
        for scope in SCOPES {
            let response = post(&system, &token(&system, scope), path, &json!({})).await;
            if scope == needed {
                assert!(![401, 403].contains(&response.status), "{path} with {scope}: {response}");
            } else {
                let expected = (403, &json!({"message": "Forbidden"}));
                assert_eq!((response.status, &response.body), expected, "{path} with {scope}");
            }
        }
    }
    assert!(system.keys().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_method_of_a_path_has_a_scope_of_its_own() {
    let system = caller::system().await;
    for (method, path, needed) in [
        ("GET", EVENTS, "xzepr/read"),
        ("HEAD", "/api/v1/events/", "xzepr/read"),
        ("GET", "/api/v1/events/01HJ1K2M3N4P5Q6R7S8T9V0W1X", "xzepr/read"),
        ("GET", "/api/v1/events/batch", "xzepr/events:write"),
        ("DELETE", EVENTS, "xzepr/read"),
        ("PATCH", "/api/v1/events/01HJ1K2M3N4P5Q6R7S8T9V0W1X", "xzepr/read"),
        ("POST", "/api/v1/events/01HJ1K2M3N4P5Q6R7S8T9V0W1X", "xzepr/events:write"),
        ("GET", RECEIVERS, "xzepr/read"),
        ("GET", "/api/v1/receivers/01HJ1K2M3N4P5Q6R7S8T9V0W1X", "xzepr/read"),
        ("HEAD", "/api/v1/receivers/01HJ1K2M3N4P5Q6R7S8T9V0W1X/schema", "xzepr/read"),
        ("PATCH", "/api/v1/receivers/01HJ1K2M3N4P5Q6R7S8T9V0W1X", "xzepr/read"),
        ("GET", GROUPS, "xzepr/read"),
        ("GET", "/api/v1/groups/01HJ1K2M3N4P5Q6R7S8T9V0W1X", "xzepr/read"),
        ("GET", "/api/v1/groups/01HJ1K2M3N4P5Q6R7S8T9V0W1X/gate", "xzepr/read"),
        ("PUT", "/api/v1/groups/01HJ1K2M3N4P5Q6R7S8T9V0W1X", "xzepr/read"),
        ("PATCH", "/api/v1/groups", "xzepr/read"),
        ("PATCH", "/api/v1/groups/01HJ1K2M3N4P5Q6R7S8T9V0W1X", "xzepr/groups:write"),
        ("PATCH", "/api/v1/groups/01HJ1K2M3N4P5Q6R7S8T9V0W1X/", "xzepr/groups:write"),
        ("PATCH", "/api/v1/groups/01HJ1K2M3N4P5Q6R7S8T9V0W1X/gate", "xzepr/groups:write"),
        ("PATCH", "/api/v1/event-receiver-groups/01HJ1K2M3N4P5Q6R7S8T9V0W1X", "xzepr/groups:write"),
        ("POST", "/api/v1/groups/01HJ1K2M3N4P5Q6R7S8T9V0W1X", "xzepr/groups:write"),
        ("GET", "/api/v1/gates", "xzepr/read"),
        ("POST", "/api/v1/gates/", "xzepr/read"),
    ] {
        for scope in SCOPES {
            let status = status(&system, method, &token(&system, scope), path).await;
            let is_refused = [401, 403].contains(&status);
            assert_eq!(is_refused, scope != needed, "{method} {path} with {scope}: {status}");
        }
    }
    assert!(system.keys().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_writer_of_events_can_neither_replay_nor_make_receivers() {
    let system = caller::system().await;
    let writer = token(&system, "xzepr/events:write");
    let replay = format!("{REPLAYS}?start=2026-01-01T00:00:00Z&end=2026-01-02T00:00:00Z");
    assert_snapshot!(post(&system, &writer, &replay, &json!({})).await, @r#"
    HTTP 403
    content-type: application/json
    www-authenticate: Bearer scope="xzepr/admin" error="insufficient_scope" error_description="the token has no scope of the route"

    {"message":"Forbidden"}
    "#);
    let receiver = post(&system, &writer, RECEIVERS, &local::samples::receiver()).await;
    assert_eq!(receiver.status, 403, "{receiver}");
    let admin = post(&system, &token(&system, "xzepr/admin"), &replay, &json!({})).await;
    assert_eq!(admin.status, 202, "{admin}");
}
