//! One trace leads from a POST over the table to the consumer, and the publisher has a segment in it.

use std::{
    net::{Ipv4Addr, UdpSocket},
    time::Duration,
};

use end_to_end::System;
use local::{samples, topic::Record};
use serde_json::{Value, json};
use tokio::task::block_in_place;

const EVENTS: &str = "/api/v1/events";
const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const NOT_SAMPLED: &str = "00-5bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";

/// The X-Ray daemon: the next segment that it gets.
fn segment(daemon: &UdpSocket) -> Value {
    let mut datagram = [0; 64 * 1024];
    let length = block_in_place(|| daemon.recv(&mut datagram)).unwrap();
    let text = str::from_utf8(&datagram[..length]).unwrap();
    let (header, segment) = text.split_once('\n').unwrap();
    assert_eq!(header, r#"{"format":"json","version":1}"#);
    serde_json::from_str(segment).unwrap()
}

async fn post(system: &System, event: &Value, traceparent: &str) -> String {
    let headers: [(&str, &[u8]); 1] = [("traceparent", traceparent.as_bytes())];
    system.post_with_headers(EVENTS, &headers, event.to_string()).await.id()
}

/// The event of the next segment.
fn segment_of(daemon: &UdpSocket) -> String {
    segment(daemon)["annotations"]["messaging_message_id"].as_str().unwrap().to_owned()
}

/// The trace in a header of a message.
fn traceparent(message: &Record) -> Option<&str> {
    let mut headers = message.headers.iter();
    headers.find_map(|(name, value)| (name == "traceparent").then_some(value.as_str()))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_publisher_has_a_segment_in_the_trace_of_each_sampled_event() {
    let daemon = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    daemon.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let address = daemon.local_addr().unwrap().to_string();
    let system = System::start_with(|options| {
        options.environment.insert("AWS_XRAY_DAEMON_ADDRESS".to_owned(), address);
    })
    .await;

    // Its POST has no trace of its own, so it has the one that the Runtime API names for the invocation.
    let receiver = system.create_receiver().await;
    let created = system.next_messages(1).await.remove(0);
    let of_invocation: Vec<_> = traceparent(&created).unwrap().split('-').collect();
    let [_, trace, parent, "01"] = of_invocation[..] else { panic!("{of_invocation:?}") };
    let of_created = segment(&daemon);
    assert_eq!(of_created["trace_id"], format!("1-{}-{}", &trace[..8], &trace[8..]));
    assert_eq!(
        (&of_created["parent_id"], &of_created["annotations"]["messaging_message_id"]),
        (&json!(parent), &json!(created.key))
    );

    let event = samples::event(&receiver);
    let other = post(&system, &event, NOT_SAMPLED).await;
    let traced = post(&system, &event, SAMPLED).await;
    let messages = system.await_messages(&[traced.clone(), other.clone()]).await;
    assert_eq!(traceparent(&messages[&traced][0]), Some(SAMPLED));
    assert_eq!(traceparent(&messages[&other][0]), Some(NOT_SAMPLED));

    let segment = segment(&daemon);
    assert_eq!(segment["name"], "send xzepr.dev.events");
    assert_eq!(segment["trace_id"], "1-4bf92f35-77b34da6a3ce929d0e0e4736");
    assert_eq!(segment["parent_id"], "00f067aa0ba902b7");
    let times = ["start_time", "end_time"].map(|name| segment[name].as_f64().unwrap());
    assert!(times[0] > 1.7e9 && times[0] <= times[1], "{segment}");
    let host = system.stack.kafka.brokers().split(':').next().unwrap().to_owned();
    assert_eq!(
        segment["metadata"]["default"],
        json!({
            "messaging.system": "kafka", "messaging.operation.type": "send", "messaging.operation.name": "send",
            "messaging.destination.name": "xzepr.dev.events", "messaging.message.id": traced,
            "messaging.kafka.message.key": traced, "server.address": host,
        })
    );

    // A segment of the other event would have come before the one of this third event.
    let last = post(&system, &event, SAMPLED).await;
    assert_eq!(segment_of(&daemon), last);
}
