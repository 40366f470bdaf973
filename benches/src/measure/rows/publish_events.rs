//! Batches of the table's stream.

use std::{collections::BTreeSet, sync::Arc};

use axum::body::Bytes;
use local::{
    Context, Error, Result,
    kafka::{Embedded, Kafka},
};
use serde_json::Value;
use tokio_rustls::TlsAcceptor;

use super::add_cost;
use crate::measure::{Bench, environment::Cost, inputs, report::Table, subject::Subject};

pub(super) const TOPIC: &str = "xzepr.events";
const PARTITIONS: i32 = 3;

/// How often each subject starts.
pub(super) const STARTS: usize = 30;

/// How often each process gets each batch, after the first one.
const WARM: usize = 10;

/// A batch of the stream.
pub(super) struct Batch {
    pub(super) name: &'static str,
    pub(super) records: u32,
    pub(super) event: Bytes,
}

/// publish-events with the embedded Kafka, and hello worlds that receive the same batches.
pub(super) async fn publish_events(bench: &Bench) -> Result<Table> {
    let kafka = kafka(bench).await?;
    let subjects = [
        publisher(bench, &kafka),
        Subject::new(bench, "hello world", "hello-world"),
        Subject::new(bench, "hello world, not reading", "hello-world").with("HELLO_WITHOUT_READING", "1"),
    ];
    let batches = batches(bench).await?;
    let log_dir = tempfile::tempdir().context("making a folder")?;
    let title = "Batches of the stream";
    let mut table = Table::new(title, subjects.iter().map(|subject| subject.name));
    // The first round warms the caches of the machine.
    for round in 0..=STARTS {
        for (index, subject) in subjects.iter().enumerate() {
            let (mut environment, init) = subject.start(&log_dir).await?;
            let (response, first) = environment.invoke(&batches[0].event).await?;
            check(&response)?;
            let cold = environment.total();
            let mut warm = Vec::new();
            for batch in &batches {
                for _ in 0..WARM {
                    let (response, cost) = environment.invoke(&batch.event).await?;
                    check(&response)?;
                    warm.push((batch, cost));
                }
            }
            let peak = environment.peak_megabytes()?;
            environment.stop().await?;
            if round == 0 {
                continue;
            }
            add_cost(&mut table, "start to first poll", index, init);
            add_cost(&mut table, "start to first response", index, cold);
            add_cost(&mut table, "first batch", index, first);
            table.add("peak memory", "MB", index, peak);
            for (batch, cost) in warm {
                let (Cost { wall, cpu }, name) = (cost, batch.name);
                let a_record = (cpu / batch.records).as_secs_f64() * 1e6;
                table.add(&format!("{name}, CPU a record"), "µs", index, a_record);
                table.add(&format!("{name}, wall"), "ms", index, wall.as_secs_f64() * 1e3);
            }
        }
    }
    Ok(table)
}

/// The Kafka that the command line names, or the embedded one.
pub(super) async fn kafka(bench: &Bench) -> Result<Kafka> {
    match &bench.brokers {
        Some(brokers) => Ok(Kafka::External(brokers.clone())),
        None => start_kafka().await,
    }
}

/// The embedded Kafka with the topic.
pub(in crate::measure) async fn start_kafka() -> Result<Kafka> {
    Embedded::start(0, topics(), PARTITIONS).await.map(Kafka::Embedded)
}

/// The embedded Kafka with the topic, whose partitions are led by so many brokers.
pub(super) async fn start_brokers(brokers: usize, tls: Option<TlsAcceptor>) -> Result<Kafka> {
    Embedded::start_brokers(brokers, tls, topics(), PARTITIONS).await.map(Kafka::Embedded)
}

fn topics() -> BTreeSet<Arc<str>> {
    BTreeSet::from([Arc::from(TOPIC)])
}

/// publish-events with the memory of `template.yaml`.
pub(in crate::measure) fn publisher(bench: &Bench, kafka: &Kafka) -> Subject {
    publisher_of(bench, kafka, "publish-events")
}

/// A function that publishes, with the memory of `template.yaml`.
pub(super) fn publisher_of(bench: &Bench, kafka: &Kafka, function: &'static str) -> Subject {
    Subject::new(bench, function, function)
        .with("XZEPR_KAFKA_BROKERS", kafka.brokers())
        .with("XZEPR_KAFKA_DEFAULT_TOPIC", TOPIC)
        .with("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
}

/// The batches. The first one is the smallest.
pub(super) async fn batches(bench: &Bench) -> Result<[Batch; 3]> {
    let small = inputs::records(&bench.dynamodb, 500, 500).await?;
    let large = inputs::records(&bench.dynamodb, 100, 10_000).await?;
    let hundred = small.get(..100).unwrap_or_default();
    Ok([
        Batch { name: "100 × 500 B", records: 100, event: inputs::batch(hundred) },
        Batch { name: "500 × 500 B", records: 500, event: inputs::batch(&small) },
        Batch { name: "100 × 10 KB", records: 100, event: inputs::batch(&large) },
    ])
}

/// No record may have failed. The response of the hello world is an empty object.
pub(super) fn check(response: &Bytes) -> Result<()> {
    let response: Value = serde_json::from_slice(response).context("a response")?;
    match response["batchItemFailures"].as_array() {
        Some(failures) if !failures.is_empty() => Err(Error::new(format!("a batch failed: {response}"))),
        _ => Ok(()),
    }
}
