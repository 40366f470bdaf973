//! The limits of the stage and of API Gateway.

use end_to_end::System;
use insta::assert_snapshot;
use local::samples;

use crate::caller::{EVENTS, RECEIVERS};

#[tokio::test(flavor = "multi_thread")]
async fn a_route_above_its_burst_is_429_and_the_others_go_on() {
    let system = System::start_with(|options| {
        options.requests_per_second = Some(0);
        options.request_burst = Some(2);
    })
    .await;
    let receiver = system.create_receiver().await;
    for _ in 0..2 {
        system.create(EVENTS, &samples::event(&receiver)).await;
    }
    assert_snapshot!(system.post(EVENTS, samples::event(&receiver).to_string()).await, @r#"
    HTTP 429
    content-type: application/json

    {"message":"Too Many Requests"}
    "#);
    assert_eq!(system.post(RECEIVERS, samples::receiver().to_string()).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_above_10_mb_or_an_event_above_6_mb_is_413() {
    let system = System::start().await;
    for bytes in [10 * 1024 * 1024 + 1, 6 * 1024 * 1024] {
        let response = system.post(EVENTS, " ".repeat(bytes)).await;
        assert_eq!(response.status, 413, "{response}");
        assert_eq!(response.body["message"], "Request Entity Too Large");
    }
    let of_the_function = system.post_as("application/json", EVENTS, " ".repeat(5 * 1024 * 1024)).await;
    assert_eq!((of_the_function.status, &of_the_function.body["error"]), (413, &"too_large".into()));
}
