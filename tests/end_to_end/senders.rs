//! Who made an item: kept on it for audit, and in no message.

use std::time::Duration;

use end_to_end::{Item, System, eventually, gateway_request, partition_key};
use local::{
    samples,
    topic::{Reader, Record, StartAt},
};
use serde_json::{Value, json};
use tokio::task::block_in_place;

const SESSION: &str = "arn:aws:sts::123456789012:assumed-role/ci/run-1842";
const FORMATS: [&str; 5] = ["xzepr", "cloudevents", "cloudevents-binary", "epr", "cdevents"];
const ARRIVES_WITHIN: Duration = Duration::from_secs(60);

fn created_by(item: Option<Item>) -> Option<String> {
    item.unwrap().get("created_by").map(|value| value.as_s().unwrap().clone())
}

/// A CDEvent, so that the event has a message in each format.
fn event(receiver: &str) -> Value {
    let mut event = samples::event(receiver);
    event["payload"] = json!({
        "context": {
            "specversion": "0.5.0", "id": "1", "source": "/ci", "type": "dev.cdevents.build.finished.0.3.0",
            "timestamp": "2024-01-15T10:30:00Z",
        },
        "subject": {"id": "1", "content": {}},
    });
    event
}

/// The messages of every topic, after as many have arrived.
async fn messages(system: &System, count: usize) -> Vec<Record> {
    let (brokers, topics) = (system.stack.kafka.brokers(), system.stack.topics.clone());
    let reader = block_in_place(|| Reader::open(&brokers, topics, StartAt::Beginning)).unwrap();
    let mut messages = Vec::new();
    eventually(ARRIVES_WITHIN, async || {
        while messages.len() < count {
            match block_in_place(|| reader.next(Duration::from_millis(50))) {
                Some(message) => messages.push(message),
                None => return Err(format!("{} of {count} messages arrived", messages.len())),
            }
        }
        Ok(())
    })
    .await;
    messages
}

#[tokio::test(flavor = "multi_thread")]
async fn every_item_of_a_request_names_its_sender_and_no_message_of_any_format_does() {
    let routes = FORMATS.map(|format| json!({"name": format, "topic": format, "format": format}));
    let routes = Value::from(routes.to_vec()).to_string();
    let system = System::start_with(|options| {
        options.environment.insert("XZEPR_ROUTES".to_owned(), routes);
    })
    .await;
    let jwt =
        json!({"jwt": {"claims": {"iss": "https://idp.example.com", "sub": "build bot"}, "scopes": null}});
    let iam = json!({"iam": {"userArn": SESSION}});
    let schema = json!({"name": "n", "type": "t", "version": "1", "description": "d", "schema": true});
    let post = async |function: &str, path: &str, body: &Value, authorizer: &Value| {
        system.data_for(function, &gateway_request("POST", path, body, authorizer)).await
    };
    let receiver = post("create-event-receiver", "/api/v1/event-receivers", &schema, &jwt).await;
    let group = json!({"name": "n", "type": "t", "version": "1", "description": "d", "event_receiver_ids": [receiver]});
    let group = post("create-event-receiver-group", "/api/v1/event-receiver-groups", &group, &jwt).await;
    let sent = post("create-event", "/api/v1/events", &event(&receiver), &iam).await;
    let unknown = system.create("/api/v1/events", &event(&receiver)).await;

    let subject = "https://idp.example.com build%20bot";
    let item = async |pk: String, sk: &str| created_by(system.item(&pk, sk).await);
    assert_eq!(item(format!("RECEIVER#{receiver}"), "RECEIVER").await.as_deref(), Some(subject));
    assert_eq!(item(format!("GROUP#{group}"), "GROUP").await.as_deref(), Some(subject));
    assert_eq!(item(partition_key(&sent), &sent).await.as_deref(), Some(SESSION));
    assert_eq!(item(partition_key(&unknown), &unknown).await, None);
    let mut events = Vec::new();
    for (pk, sk) in system.keys().await.into_iter().filter(|(pk, _)| pk.starts_with("EVENT#")) {
        events.push(item(pk, &sk).await);
    }
    events.sort();
    let subject = Some(subject.to_owned());
    assert_eq!(events, [None, Some(SESSION.to_owned()), subject.clone(), subject], "also the system events");

    // Four events in each format, but for the two system events that are no CDEvents.
    let messages = messages(&system, 4 * FORMATS.len() - 2).await;
    assert_eq!(messages.iter().filter(|message| message.topic == "cdevents").count(), 2);
    for message in messages {
        let text = format!("{message:?}");
        for secret in
            ["created_by", "createdby", "assumed-role", "run-1842", "idp.example.com", "build%20bot"]
        {
            assert!(!text.contains(secret), "{secret} is in {text}");
        }
    }
}
