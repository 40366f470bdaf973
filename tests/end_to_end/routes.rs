//! Every route of the contract, as spelled and with a trailing slash.

use std::time::{Duration, Instant};

use end_to_end::System;
use insta::assert_snapshot;
use local::samples;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn every_route_and_alias_creates() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let group = samples::group(&receiver);
    for slash in ["", "/"] {
        for path in ["/api/v1/event-receivers", "/api/v1/receivers"] {
            assert_eq!(system.create(&format!("{path}{slash}"), &samples::receiver()).await, receiver);
        }
        for path in ["/api/v1/event-receiver-groups", "/api/v1/groups"] {
            system.create(&format!("{path}{slash}"), &group).await;
        }
        system.create(&format!("/api/v1/events{slash}"), &samples::event(&receiver)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_without_a_route_is_not_found_at_once() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let stored = system.keys().await;
    let event = samples::event(&receiver).to_string();
    let began = Instant::now();
    for path in [
        "/",
        "//",
        "/api/v1",
        "/api/v1/",
        "/api/v1/x/",
        "/api/v1//events",
        "/api/v1/events//",
        "/api/v1/events/x",
        "/api/v1/events/event-receivers",
        "/api/v1/eventsx",
        "/api/v1/admin/replays/",
        "/api/v1/admin/replay-events/x",
    ] {
        for response in [system.post(path, event.clone()).await, system.get(path).await] {
            assert_eq!(
                (response.status, &response.body["error"]),
                (404, &json!("not_found")),
                "{path}: {response}"
            );
            assert!(!response.headers["x-request-id"].is_empty());
        }
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(system.keys().await, stored);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_path_is_404_and_another_method_405() {
    let system = System::start().await;
    assert_snapshot!(system.post("/api/v1/nothing", "{}").await, @r#"
    HTTP 404
    content-type: application/json
    x-request-id: [request id]

    {"error":"not_found","message":"There is nothing at this path.","errors":["There is nothing at this path."]}
    "#);
    assert_snapshot!(system.get("/api/v1/events/batch").await, @r#"
    HTTP 405
    allow: POST
    content-type: application/json
    x-request-id: [request id]

    {"error":"method_not_allowed","message":"This path takes POST requests only.","errors":["This path takes POST requests only."]}
    "#);
}

/// API Gateway sends a request with a trailing slash to the default route if no other route has that path.
#[tokio::test(flavor = "multi_thread")]
async fn a_request_over_the_default_route_writes_nothing() {
    let system = System::start().await;
    let receiver = system.create_receiver().await;
    let stored = system.keys().await;
    for path in ["/api/v1/events", "/api/v1/events/", "/api/v1/admin/replay-events/"] {
        let request = json!({
            "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": "", "headers": {},
            "isBase64Encoded": false, "body": samples::event(&receiver).to_string(),
            "requestContext": {
                "accountId": "1", "apiId": "a", "domainName": "d", "domainPrefix": "d", "requestId": "r",
                "http": {"method": "POST", "path": path, "protocol": "HTTP/1.1", "sourceIp": "1.1.1.1", "userAgent": "x"},
                "routeKey": "$default", "stage": "$default", "time": "t", "timeEpoch": 1,
            },
        });
        let response = system.invoke("refuse-unknown-path", &request).await;
        assert_eq!(response["statusCode"], 404, "{response}");
        let body: Value = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["error"], "not_found");
    }
    assert_eq!(system.keys().await, stored);
}
