//! The cost of Kafka, and the sizes of messages.

use clap::ValueEnum;
use xzepr_settings::Format;

use crate::cost::{GB, HOURS, Line, Load, SECONDS, prices::Prices};

/// Whose Kafka it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kafka {
    /// One that runs already, and costs nothing more
    Yours,
    /// A cluster of Amazon MSK Serverless
    MskServerless,
    /// Three brokers of the smallest size in Amazon MSK
    MskProvisioned,
}

/// The partitions of a new topic, as the template has it.
const PARTITIONS: f64 = 3.0;

/// The brokers of a small cluster, and as many copies of each message.
const BROKERS: f64 = 3.0;

/// The bytes of a message with gzip, the default codec, in relation to those without: docs/kafka.md.
const COMPRESSED: f64 = 0.2;

/// `reconcile-events` reads each message once.
const OWN_CONSUMERS: f64 = 1.0;

/// Bytes that a message has beyond the JSON of its event: key, value and headers. One of EPR contains the receiver.
pub(crate) const fn extra_bytes(format: Format) -> f64 {
    match format {
        Format::Xzepr => 287.0,
        Format::CloudEvents => 363.0,
        Format::CloudEventsBinary => 295.0,
        Format::Epr => 1125.0,
        Format::CdEvents => 72.0,
    }
}

/// GB of messages in a month, as they are sent.
pub(crate) fn sent_gb(load: &Load) -> f64 {
    let an_event = load.formats.iter().map(|format| load.event_bytes + extra_bytes(*format));
    load.records_per_second() * SECONDS * an_event.sum::<f64>() * COMPRESSED / GB
}

/// The cost of Kafka. Each route has a topic of its own.
pub(crate) fn line(load: &Load, prices: &Prices) -> Line {
    let prices = &prices.prices;
    let sent = sent_gb(load);
    let kept = sent * load.topic_days / (HOURS / 24.0);
    let usd = match load.kafka {
        Kafka::Yours => 0.0,
        Kafka::MskServerless => {
            prices.serverless_kafka_hours.of(HOURS)
                + prices.serverless_kafka_partition_hours.of(HOURS * PARTITIONS * load.routes())
                + prices.serverless_kafka_in.of(sent)
                + prices.serverless_kafka_out.of(sent * (load.consumers + OWN_CONSUMERS))
                + prices.kafka_storage.of(kept)
        }
        Kafka::MskProvisioned => {
            prices.kafka_broker_hours.of(BROKERS * HOURS) + prices.kafka_storage.of(BROKERS * kept)
        }
    };
    Line::new("Kafka", usd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn your_own_costs_nothing_and_a_cluster_costs_without_events() {
        let prices = Prices::own().unwrap();
        let usd = |kafka, rate| line(&Load { kafka, ..Load::of(rate) }, &prices).usd;
        assert_eq!(usd(Kafka::Yours, 1000.0), 0.0);
        assert!((usd(Kafka::MskServerless, 0.0) - (730.0 * 0.75 + 2190.0 * 0.0015)).abs() < 1e-9);
        assert!((usd(Kafka::MskProvisioned, 0.0) - 2190.0 * 0.0456).abs() < 1e-9);
        assert!(usd(Kafka::MskServerless, 1.0) > usd(Kafka::MskServerless, 0.0));
    }

    #[test]
    fn each_route_sends_a_message() {
        let of = |formats: &[Format]| sent_gb(&Load { formats: formats.to_vec(), ..Load::of(1.0) });
        let (one, two) = (of(&[Format::Xzepr]), of(&[Format::Xzepr, Format::CloudEvents]));
        assert!(two > 2.0 * one && two < 2.2 * one, "{one} {two}");
    }
}
