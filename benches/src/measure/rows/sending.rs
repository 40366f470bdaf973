//! Messages that are made already, sent by shared/kafka and by librdkafka alone.

use std::time::Duration;

use local::{Context, Result};

use super::publish_events::{TOPIC, batches, check, kafka};
use crate::measure::{Bench, environment::Cost, report::Table, subject::Subject};

/// How often each subject starts.
const STARTS: usize = 10;

/// How often each process is invoked with each batch, after the first time.
const WARM: usize = 4;

/// How often an invocation sends its batch.
const SENDS: u32 = 20;

/// The same messages through both. Each process sends every batch, and the processes take turns.
pub(super) async fn sending(bench: &Bench) -> Result<Table> {
    let kafka = kafka(bench).await?;
    let sender = |name, sender: &str| {
        Subject::new(bench, name, "prepared-messages")
            .with("XZEPR_KAFKA_BROKERS", kafka.brokers())
            .with("XZEPR_KAFKA_DEFAULT_TOPIC", TOPIC)
            .with("SENDER", sender)
            .with("SENDS", SENDS.to_string())
    };
    let subjects = [sender("shared/kafka", "xzepr-kafka"), sender("librdkafka alone", "librdkafka")];
    let [_, small, large] = batches(bench).await?;
    let log_dir = tempfile::tempdir().context("making a folder")?;
    let mut table = Table::new("Messages that are made already", subjects.iter().map(|subject| subject.name));
    // The first round warms the caches of the machine.
    for round in 0..=STARTS {
        for (index, subject) in subjects.iter().enumerate() {
            let (mut environment, _) = subject.start(&log_dir).await?;
            for batch in [&small, &large] {
                for invocation in 0..=WARM {
                    let (response, Cost { wall, cpu }) = environment.invoke(&batch.event).await?;
                    check(&response)?;
                    if round == 0 || invocation == 0 {
                        continue;
                    }
                    let a_message = |time: Duration| (time / SENDS / batch.records).as_secs_f64() * 1e6;
                    table.add(&format!("{}, CPU a message", batch.name), "µs", index, a_message(cpu));
                    table.add(&format!("{}, wall a message", batch.name), "µs", index, a_message(wall));
                }
            }
            environment.stop().await?;
        }
    }
    Ok(table)
}
