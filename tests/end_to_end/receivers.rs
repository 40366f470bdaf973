//! Event receivers: declared once, told of once.

use end_to_end::System;
use local::samples;
use serde_json::{Value, json};

const PATH: &str = "/api/v1/event-receivers";

#[tokio::test(flavor = "multi_thread")]
async fn a_created_receiver_is_told_of() {
    let system = System::start().await;
    let body = json!({"name": "watcher-workshop", "type": "foo.bar", "version": "1.0.0",
        "description": "The event receiver of Brixton", "schema": {}});
    let receiver = system.create(PATH, &body).await;
    let message = system.next_messages(1).remove(0);
    let value: Value = serde_json::from_str(&message.value).unwrap();
    let (id, created_at) = (&value["id"], &value["data"]["created_at"]);
    assert_eq!(*id, message.key);
    assert_ne!(*id, receiver);
    assert_eq!(
        message.value,
        format!(
            concat!(
                r#"{{"success":true,"id":{id},"specversion":"1.0.1","type":"xzepr.event.receiver.created","#,
                r#""source":"xzepr.event.receiver.{receiver}","api_version":"v1","#,
                r#""name":"xzepr.event.receiver.created","version":"1.0.0","release":"system","#,
                r#""platform_id":"xzepr","package":"xzepr.system","data":{{"#,
                r#""description":"Event receiver 'watcher-workshop' created","event_receiver_id":"{receiver}","#,
                r#""created_at":{created_at},"payload":{{"receiver_id":"{receiver}","name":"watcher-workshop","#,
                r#""type":"foo.bar","version":"1.0.0","#,
                r#""fingerprint":"sha256:b183c34c7ba56b17f89dfe0c0b22c0a340889cae88d8e87a3f16bc5bdc8f7acb","#,
                r#""description":"The event receiver of Brixton"}}}}}}"#,
            ),
            id = id,
            receiver = receiver,
            created_at = created_at,
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receiver_declared_again_keeps_its_id_and_is_told_of_once() {
    let system = System::start().await;
    let first = system.create(PATH, &samples::receiver()).await;
    assert_eq!(system.create(PATH, &samples::receiver()).await, first);
    assert_eq!(system.create("/api/v1/receivers", &samples::receiver()).await, first);
    system.next_messages(1);
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
    system.next_messages(1);
    assert_eq!(system.unexpected_message(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn any_difference_makes_a_new_receiver_the_schemas_white_space_too() {
    let system = System::start().await;
    let body = |schema: &str| {
        format!(r#"{{"name":"n","type":"t","version":"1","description":"d","schema":{schema}}}"#)
    };
    let dense = system.post(PATH, body("{}")).await;
    let spaced = system.post(PATH, body("{ }")).await;
    assert_eq!((dense.status, spaced.status), (200, 200));
    assert_ne!(dense.body, spaced.body);
}
