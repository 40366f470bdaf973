//! An override: an event by a caller with a scope of its own, which the gate's answer shows.

use end_to_end::{System, eventually};
use local::samples;
use serde_json::{Value, json};
use std::time::Duration;

use crate::caller::{self, EVENTS, GROUPS, RECEIVERS, post, token};

/// Longer than the timeout of the function that indexes.
const SEEN_WITHIN: Duration = Duration::from_secs(90);

const ARTIFACT: &str = "name=com.example.build.finished&version=2.1.0&release=2.1.0-rc.1\
    &platform_id=linux-x86_64&package=myapp";

async fn read(system: &System, path: &str) -> Value {
    let authorization = format!("Bearer {}", token(system, "xzepr/read"));
    let response = system.get_with_header(path, "authorization", &authorization).await;
    assert_eq!(response.status, 200, "{response}");
    response.body
}

#[tokio::test(flavor = "multi_thread")]
async fn an_override_is_marked_in_the_event_the_gate_and_the_completion() {
    let system = caller::system().await;
    let all = system.stack.tokens.as_ref().unwrap().all.clone();
    let [ordinary, overriding] =
        ["xzepr/events:write", "xzepr/events:write xzepr/override"].map(|scopes| token(&system, scopes));
    let mut receivers = Vec::new();
    for version in ["1", "2"] {
        let mut body = samples::receiver();
        body["version"] = json!(version);
        receivers.push(post(&system, &all, RECEIVERS, &body).await.id());
    }
    let mut group = samples::group("");
    group["event_receiver_ids"] = json!(receivers);
    let group = post(&system, &all, GROUPS, &group).await.id();
    let built = post(&system, &ordinary, EVENTS, &samples::event(&receivers[0])).await.id();
    let mut scan = samples::event(&receivers[1]);
    scan["success"] = json!(false);
    let failed = post(&system, &ordinary, EVENTS, &scan).await.id();
    scan["success"] = json!(true);
    scan["payload"] = json!({"commit": "8a41d5f", "reason": "a false alarm"});
    let overridden = post(&system, &overriding, EVENTS, &scan).await.id();

    let message = system.next_message_of("com.example.gate").await;
    let message: Value = serde_json::from_str(&message.value).unwrap();
    let mut expected = [
        json!({"event_receiver_id": receivers[0], "event_id": built}),
        json!({"event_receiver_id": receivers[1], "event_id": overridden, "override": true}),
    ];
    expected.sort_by_key(|event| event["event_receiver_id"].as_str().unwrap().to_owned());
    assert_eq!(message["data"]["payload"]["events"], json!(expected), "{message}");
    for (event, is_override) in [(&built, None), (&failed, None), (&overridden, Some(&json!(true)))] {
        let read = read(&system, &format!("/api/v1/events/{event}")).await;
        assert_eq!(read.get("override"), is_override, "{read}");
    }
    let path = format!("{GROUPS}/{group}/gate?{ARTIFACT}");
    let gate = eventually(SEEN_WITHIN, async || {
        let gate = read(&system, &path).await["data"].take();
        if gate["complete"] == true { Ok(gate) } else { Err(gate) }
    })
    .await;
    let overrides: Vec<_> =
        gate["members"].as_array().unwrap().iter().map(|member| &member["override"]).collect();
    assert_eq!(overrides, [&Value::Null, &json!(true)], "{gate}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_scope_of_overrides_alone_posts_nothing() {
    let system = caller::system().await;
    let token = token(&system, "xzepr/override");
    let refused = post(&system, &token, EVENTS, &samples::event("01HJ1K2M3N4P5Q6R7S8T9V0W1X")).await;
    assert_eq!(refused.status, 403, "{refused}");
}
