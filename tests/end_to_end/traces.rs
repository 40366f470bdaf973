//! One trace leads from a POST over the table to the consumer, and the publisher has a segment in it.

use std::{
    net::{Ipv4Addr, UdpSocket},
    time::Duration,
};

use end_to_end::{System, gateway_request};
use local::samples;
use serde_json::{Value, json};
use tokio::task::block_in_place;

const EVENTS: &str = "/api/v1/events";
const SAMPLED: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const NOT_SAMPLED: &str = "00-5bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
const XRAY: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";
const OF_XRAY: &str = "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01";

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

#[tokio::test(flavor = "multi_thread")]
async fn the_publisher_has_a_segment_in_the_trace_of_each_sampled_event() {
    let daemon = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    daemon.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let address = daemon.local_addr().unwrap().to_string();
    let system = System::start_with(|options| {
        options.environment.insert("AWS_XRAY_DAEMON_ADDRESS".to_owned(), address);
    })
    .await;
    let receiver = system.create_receiver().await;
    system.next_messages(1).await;
    let event = samples::event(&receiver);
    let other = post(&system, &event, NOT_SAMPLED).await;
    let untraced = system.create(EVENTS, &event).await;
    let traced = post(&system, &event, SAMPLED).await;

    // The others were published before, or in the same batch, so their segments would come first.
    let segment = segment(&daemon);
    assert_eq!(segment["name"], "send xzepr.dev.events");
    assert_eq!(segment["trace_id"], "1-4bf92f35-77b34da6a3ce929d0e0e4736");
    assert_eq!(segment["parent_id"], "00f067aa0ba902b7");
    let times = ["start_time", "end_time"].map(|name| segment[name].as_f64().unwrap());
    assert!(times[0] > 1.7e9 && times[0] <= times[1], "{segment}");
    let host = system.stack.kafka.brokers().split(':').next().unwrap().to_owned();
    assert_eq!(segment["annotations"]["messaging_message_id"], *traced);
    assert_eq!(
        segment["metadata"]["default"],
        json!({
            "messaging.system": "kafka", "messaging.operation.type": "send", "messaging.operation.name": "send",
            "messaging.destination.name": "xzepr.dev.events", "messaging.message.id": traced,
            "messaging.kafka.message.key": traced, "server.address": host,
        })
    );
    let messages = system.await_messages(&[traced.clone(), other.clone(), untraced.clone()]).await;
    let trace = |id: &str| {
        let headers = &messages[id][0].headers;
        headers.iter().find(|(name, _)| name == "traceparent").map(|(_, value)| value.clone())
    };
    assert_eq!(trace(&traced).as_deref(), Some(SAMPLED));
    assert_eq!(trace(&other).as_deref(), Some(NOT_SAMPLED));
    assert_eq!(trace(&untraced), None);
    daemon.set_nonblocking(true).unwrap();
    assert!(daemon.recv(&mut [0; 1]).is_err(), "one segment for one sampled event");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_trace_of_the_caller_the_one_of_x_ray_goes_on() {
    let system = System::start().await;
    let request = gateway_request("POST", "/api/v1/event-receivers", &samples::receiver(), &Value::Null);
    let response = system.invoke_traced("create-event-receiver", &request, XRAY).await;
    assert_eq!(response.status, 200, "{response}");
    let message = system.next_messages(1).await.remove(0);
    let trace = ("traceparent".to_owned(), OF_XRAY.to_owned());
    assert!(message.headers.contains(&trace), "{:?}", message.headers);
}
