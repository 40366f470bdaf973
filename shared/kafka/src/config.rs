//! librdkafka's properties, for a producer in a function that is frozen between invocations.
//!
//! Names and defaults: <https://github.com/confluentinc/librdkafka/blob/v2.12.1/CONFIGURATION.md>

use std::time::Duration;

use rdkafka::ClientConfig;
use xzepr_settings::KafkaSettings;

/// A message is delivered or reported as failed within this time. The publisher's timeout is 60 s: the
/// reports must arrive before Lambda ends the invocation, else the whole batch counts as failed.
pub const MESSAGE_TIMEOUT: Duration = Duration::from_secs(45);

pub(crate) fn client_config(settings: &KafkaSettings) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", settings.brokers.to_string())
        .set("client.id", "xzepr")
        .set("socket.keepalive.enable", "true")
        // Several tries have to fit in a message's timeout.
        .set("socket.timeout.ms", "10000")
        .set("socket.connection.setup.timeout.ms", "5000")
        .set("reconnect.backoff.ms", "100")
        .set("reconnect.backoff.max.ms", "1000")
        // Brokers and NAT gateways drop a connection that was frozen for minutes; ours goes first.
        .set("connections.max.idle.ms", "180000")
        .set("enable.metrics.push", "false");
    config
}

pub(crate) fn producer_config(settings: &KafkaSettings) -> ClientConfig {
    let mut config = client_config(settings);
    config
        .set("enable.idempotence", "true")
        .set("acks", "all")
        .set("message.timeout.ms", MESSAGE_TIMEOUT.as_millis().to_string())
        // A batch is handed over in one burst: to linger only adds its time to every batch.
        .set("linger.ms", "0")
        .set("compression.type", "lz4")
        // The partition that the Java client picks for a key.
        .set("partitioner", "murmur2_random")
        // The topic is created with the configured partitions or not at all.
        .set("allow.auto.create.topics", "false")
        .set("topic.metadata.propagation.max.ms", "5000");
    config
}
