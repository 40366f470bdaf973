//! Event receivers: declared and announced once.

use end_to_end::{System, created_at, redacted};
use insta::assert_snapshot;
use local::samples;
use serde_json::json;

const PATH: &str = "/api/v1/event-receivers";

#[tokio::test(flavor = "multi_thread")]
async fn a_new_receiver_is_announced() {
    let system = System::start().await;
    let body = json!({"name": "watcher-workshop", "type": "foo.bar", "version": "1.0.0",
        "description": "The event receiver of Brixton", "schema": {}});
    let response = system.post(PATH, body.to_string()).await;
    let receiver = response.id();
    assert_snapshot!(redacted(&response, &[(&receiver, "receiver")]), @r#"
    HTTP 200
    content-type: application/json
    x-request-id: [request id]

    {"data":"[receiver]"}
    "#);

    let message = system.next_messages(1).await.remove(0);
    let event = message.key;
    assert_ne!(event, receiver);
    let values =
        [(&*event, "event"), (&receiver, "receiver"), (&created_at(&event), "time of the event's id")];
    assert_snapshot!(redacted(&message.value, &values), @r#"{"success":true,"id":"[event]","specversion":"1.0.1","type":"xzepr.event.receiver.created","source":"xzepr.event.receiver.[receiver]","api_version":"v1","name":"xzepr.event.receiver.created","version":"1.0.0","release":"system","platform_id":"xzepr","package":"xzepr.system","data":{"description":"Event receiver 'watcher-workshop' created","event_receiver_id":"[receiver]","created_at":"[time of the event's id]","payload":{"receiver_id":"[receiver]","name":"watcher-workshop","type":"foo.bar","version":"1.0.0","fingerprint":"sha256:b183c34c7ba56b17f89dfe0c0b22c0a340889cae88d8e87a3f16bc5bdc8f7acb","description":"The event receiver of Brixton"}}}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_declared_again_keeps_its_id_and_is_announced_once() {
    let system = System::start().await;
    let first = system.create(PATH, &samples::receiver()).await;
    assert_eq!(system.create(PATH, &samples::receiver()).await, first);
    assert_eq!(system.create("/api/v1/receivers", &samples::receiver()).await, first);
    system.next_messages(1).await;
    assert_eq!(system.unexpected_message(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn receivers_declared_at_the_same_time_are_one() {
    let system = System::start().await;
    let body = samples::receiver();
    let (a, b, c, d) = tokio::join!(
        system.create(PATH, &body),
        system.create(PATH, &body),
        system.create(PATH, &body),
        system.create(PATH, &body),
    );
    assert!(a == b && b == c && c == d, "{a} {b} {c} {d}");
    system.next_messages(1).await;
    assert_eq!(system.unexpected_message(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_difference_makes_a_new_receiver_even_white_space_in_the_schema() {
    let system = System::start().await;
    let body = |schema: &str| {
        format!(r#"{{"name":"n","type":"t","version":"1","description":"d","schema":{schema}}}"#)
    };
    let dense = system.post(PATH, body("{}")).await;
    let spaced = system.post(PATH, body("{ }")).await;
    assert_eq!((dense.status, spaced.status), (200, 200));
    assert_ne!(dense.body, spaced.body);
}
