//! Starts of the publisher by the number of brokers, and by TLS.

use local::{Context, Result};

use super::{
    add_cost,
    publish_events::{STARTS, batches, check, publisher, start_brokers},
};
use crate::measure::{Bench, certificates::Certificates, report::Table};

/// The host in the addresses of the embedded brokers.
const HOST: &str = "127.0.0.1";

/// publish-events with the embedded Kafka: the topic's partitions have three leaders, with TLS and without it, or one.
pub(super) async fn brokers(bench: &Bench) -> Result<Table> {
    let certificates = Certificates::make(HOST)?;
    let with_tls = start_brokers(3, Some(certificates.acceptor()?)).await?;
    let [three, one] = [start_brokers(3, None).await?, start_brokers(1, None).await?];
    let subjects = [
        publisher(bench, &with_tls)
            .named("three brokers, TLS")
            .with("XZEPR_KAFKA_SECURITY_PROTOCOL", "SSL")
            .with("XZEPR_KAFKA_SSL_CA_LOCATION", certificates.root().display().to_string()),
        publisher(bench, &three).named("three brokers"),
        publisher(bench, &one).named("one broker"),
    ];
    let [batch, ..] = batches(bench).await?;
    let log_dir = tempfile::tempdir().context("making a folder")?;
    let mut table = Table::new("Starts by brokers", subjects.iter().map(|subject| subject.name));
    // The first round warms the caches of the machine.
    for round in 0..=STARTS {
        for (index, subject) in subjects.iter().enumerate() {
            let (mut environment, init) = subject.start(&log_dir).await?;
            let (response, first) = environment.invoke(&batch.event).await?;
            check(&response)?;
            let total = environment.total();
            environment.stop().await?;
            if round > 0 {
                add_cost(&mut table, "start to first poll", index, init);
                add_cost(&mut table, "start to first acknowledged batch", index, total);
                add_cost(&mut table, "first batch", index, first);
            }
        }
    }
    Ok(table)
}
