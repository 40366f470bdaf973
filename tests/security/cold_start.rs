//! Compares the time to the first published batch, with TLS and SASL and without.

use std::time::Instant;

use crate::{
    broker_properties::{PASSWORD, USER},
    cluster::Cluster,
    publisher::{BatchResponse, Publisher, Variables, new_ids},
    with,
};

const ROUNDS: usize = 15;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement: see CONTRIBUTING.md"]
async fn cold_start_until_the_first_batch_is_acknowledged() {
    let cluster = Cluster::start().await;
    let password = [("XZEPR_KAFKA_SASL_USERNAME", USER), ("XZEPR_KAFKA_SASL_PASSWORD", PASSWORD)];
    let scram = [("XZEPR_KAFKA_SASL_MECHANISM", "SCRAM-SHA-512")];
    let plain = [("XZEPR_KAFKA_SASL_MECHANISM", "PLAIN")];
    let iam = [("XZEPR_KAFKA_SASL_MECHANISM", "AWS_MSK_IAM")];
    let cases: [(&str, Variables); 5] = [
        ("PLAINTEXT", cluster.variables("PLAINTEXT", "cold")),
        ("SSL", cluster.variables("SSL", "cold")),
        ("SASL_SSL PLAIN", with(with(cluster.variables("SASLSSL", "cold"), &plain), &password)),
        ("SASL_SSL SCRAM-SHA-512", with(with(cluster.variables("SASLSSL", "cold"), &scram), &password)),
        ("SASL_SSL AWS_MSK_IAM", with(cluster.variables("IAM", "cold"), &iam)),
    ];
    let mut start_ms = vec![Vec::new(); cases.len()];
    let mut batch_ms = vec![Vec::new(); cases.len()];
    // The first round creates the topic and warms the broker.
    for round in 0..=ROUNDS {
        for (index, (_, variables)) in cases.iter().enumerate() {
            let publisher = Publisher::prepare().await;
            let started = Instant::now();
            let publisher = publisher.start_process(variables);
            assert_eq!(
                publisher.publish(&new_ids(10)).await,
                BatchResponse::AllPublished,
                "{}",
                publisher.log()
            );
            if round > 0 {
                start_ms[index].push(started.elapsed().as_secs_f64() * 1e3);
                batch_ms[index].push(batch_duration_ms(&publisher.log()));
            }
        }
    }
    let base = median(&mut start_ms[0]);
    for (index, (name, _)) in cases.iter().enumerate() {
        let start = median(&mut start_ms[index]);
        let batch = median(&mut batch_ms[index]);
        println!(
            "{name:<24} first batch acknowledged after {start:>6.1} ms ({:.2} times PLAINTEXT), of which in the \
             handler {batch:>5.1} ms",
            start / base
        );
    }
}

fn batch_duration_ms(log: &str) -> f64 {
    let (_, rest) = log.rsplit_once("duration_ms=").unwrap();
    rest.split_whitespace().next().unwrap().parse().unwrap()
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
