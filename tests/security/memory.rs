//! Measures the memory of a publisher with TLS and SASL for the largest batch that Lambda sends.

use std::fs;

use crate::{
    broker_properties::{PASSWORD, USER},
    cluster::Cluster,
    publisher::{BatchResponse, Publisher, new_ids},
    with,
};

/// Lambda's limit for an invocation's event is 6 MB. The rest is for everything around the payloads.
const PAYLOADS: usize = 60;
const PAYLOAD_BYTES: usize = 95_000;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: see CONTRIBUTING.md"]
async fn peak_memory_of_the_largest_batch() {
    let cluster = Cluster::start().await;
    let settings = [
        ("XZEPR_KAFKA_SASL_MECHANISM", "SCRAM-SHA-512"),
        ("XZEPR_KAFKA_SASL_USERNAME", USER),
        ("XZEPR_KAFKA_SASL_PASSWORD", PASSWORD),
    ];
    let publisher = Publisher::start(&with(cluster.variables("SASLSSL", "memory"), &settings)).await;
    let payload = format!("\"{}\"", "x".repeat(PAYLOAD_BYTES));
    let events: Vec<_> = new_ids(PAYLOADS).into_iter().map(|id| (id, payload.clone())).collect();
    for _ in 0..3 {
        assert_eq!(
            publisher.publish_payloads(&events).await,
            BatchResponse::AllPublished,
            "{}",
            publisher.log()
        );
    }
    let status = fs::read_to_string(format!("/proc/{}/status", publisher.process.id().unwrap())).unwrap();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    println!("a batch of {} bytes of payloads: {peak}", PAYLOADS * PAYLOAD_BYTES);
}
