//! Other spellings of a path are no way around its authorizer.

use local::samples;

use crate::caller::{self, GROUPS, RECEIVERS, post, post_raw, send_raw, token};

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_of_a_path_is_a_way_around_the_authorizer() {
    let system = caller::system().await;
    let all = &system.stack.tokens.as_ref().unwrap().all;
    let receiver = post(&system, all, RECEIVERS, &samples::receiver()).await.id();
    let event = samples::event(&receiver).to_string();
    let stored = system.keys().await;
    let absolute = format!("{}/api/v1/events", system.stack.api_url);
    for (target, status) in [
        ("/api/v1/events", 401),
        ("/api/v1/events/", 401),
        ("/api/v1/events?x=/", 401),
        ("/api/v1/events/x", 401),
        ("/api/v1/%65vents", 401),
        ("/api/v1%2Fevents", 401),
        ("/api/v1/events%2F", 401),
        ("/api/v1/events%3Fx", 401),
        ("/api/v1/events/..", 401),
        (&*absolute, 401),
        ("http://other.example/api/v1/events", 401),
        ("//api/v1/events", 404),
        ("/api//v1/events", 404),
        ("/api/v1//events", 404),
        ("/API/v1/events", 404),
        ("/api/v1/EVENTS", 404),
        ("/api/v1/%2565vents", 404),
        ("/api/v1/events%00", 404),
        ("/api/v1/events%20", 404),
        ("/api/v1/events;x", 404),
        ("/api/v1/./events", 404),
        ("/api/v1/x/../events", 404),
        ("/api/v1/%2e/events", 404),
        ("*", 404),
        ("/%24default", 404),
        ("/$default", 404),
        ("/", 404),
    ] {
        assert_eq!(post_raw(&system, None, target, &event).await, status, "{target}");
    }
    assert_eq!(system.keys().await, stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_that_leads_out_of_a_route_stays_with_the_function_of_the_route() {
    let system = caller::system().await;
    let stored = system.keys().await;
    let writer = token(&system, "xzepr/events:write");
    let receiver = samples::receiver().to_string();
    for target in [
        "/api/v1/events/../event-receivers",
        "/api/v1/events/%2e%2e/event-receivers",
        "/api/v1/events/..%2Fevent-receivers",
        "/api/v1/events/../admin/replay-events?start=2026-01-01T00:00:00Z&end=2026-01-02T00:00:00Z",
    ] {
        assert_eq!(post_raw(&system, Some(&writer), target, &receiver).await, 404, "{target}");
    }
    assert_eq!(system.keys().await, stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_of_a_path_lets_a_reader_change_a_group() {
    let system = caller::system().await;
    let all = &system.stack.tokens.as_ref().unwrap().all;
    let receiver = post(&system, all, RECEIVERS, &samples::receiver()).await.id();
    let group = post(&system, all, GROUPS, &samples::group(&receiver)).await.id();
    let stored = system.keys().await;
    let reader = token(&system, "xzepr/read");
    for (method, target, status) in [
        ("PATCH", "/api/v1/groups/{id}", 403),
        ("PATCH", "/api/v1/groups/{id}/", 403),
        ("PATCH", "/api/v1/groups/{id}%2F", 403),
        ("PATCH", "/api/v1%2Fgroups/{id}", 403),
        ("PATCH", "/api/v1/%67roups/{id}", 403),
        ("PATCH", "/api/v1/groups/{id}?x=/", 403),
        ("PATCH", "/api/v1/groups/{id}//", 403),
        ("PATCH", "/api/v1/groups/{id}/gate", 403),
        ("PATCH", "/api/v1/event-receiver-groups/{id}", 403),
        ("PATCH", "/api/v1/groups//{id}", 404),
        ("PATCH", "/api/v1/events/../groups/{id}", 404),
        ("PATCH", "/api/v1/events/%2e%2e/groups/{id}", 404),
        ("PATCH", "/api/v1/gates/../groups/{id}", 404),
        ("patch", "/api/v1/groups/{id}", 405),
        ("PUT", "/api/v1/groups/{id}", 405),
        ("POST", "/api/v1/groups/{id}", 403),
    ] {
        let target = target.replace("{id}", &group);
        let sent = send_raw(&system, method, Some(&reader), &target, r#"{"enabled":false}"#).await;
        assert_eq!(sent, status, "{method} {target}");
        assert_eq!(send_raw(&system, method, None, &target, "{}").await, 401, "{method} {target}");
    }
    assert_eq!(system.keys().await, stored);
}
