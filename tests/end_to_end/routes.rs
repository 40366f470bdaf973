//! Every route of the contract, as spelled and with a trailing slash.

use std::time::{Duration, Instant};

use end_to_end::System;
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
async fn a_path_that_no_route_has_is_not_found_at_once() {
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
        for answer in [system.post(path, event.clone()).await, system.get(path).await] {
            assert_eq!(
                (answer.status, &answer.body["error"]),
                (404, &json!("not_found")),
                "{path}: {answer:?}"
            );
            assert!(!answer.headers["x-request-id"].is_empty());
        }
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    assert_eq!(system.keys().await, stored);
}

/// API Gateway hands a request with a trailing slash to the default route where no other takes it.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_default_route_reaches_writes_nothing() {
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
        let answer = system.stack.invoke("refuse-unknown-path", &request).await.unwrap();
        assert_eq!(answer["statusCode"], 404, "{answer}");
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert_eq!(body["error"], "not_found");
    }
    assert_eq!(system.keys().await, stored);
}
