//! librdkafka's properties for a producer in a function that Lambda freezes between invocations.
//!
//! Names and defaults: <https://github.com/confluentinc/librdkafka/blob/v2.12.1/CONFIGURATION.md>

use std::time::Duration;

use rdkafka::ClientConfig;
use xzepr_settings::{Compression, ExposeSecret, KafkaSettings, Sasl};

use crate::credentials::Credentials;

/// A message is delivered or reported as failed within this time. The reports must arrive before Lambda ends the
/// invocation after 60 s (template.yaml), else the whole batch counts as failed.
pub const MESSAGE_TIMEOUT: Duration = Duration::from_secs(45);

/// librdkafka's `linger.ms`, longer than queueing a batch takes. Without it librdkafka's thread is woken for the first
/// message, sends it alone, and does so again for the next few: up to three times the CPU time of a batch. The sender
/// flushes when all messages are queued, so that none of them lingers.
pub const LINGER: Duration = Duration::from_millis(5);

pub(crate) fn client_config(settings: &KafkaSettings, credentials: &Credentials) -> ClientConfig {
    let mut config = ClientConfig::new();
    config
        .set("bootstrap.servers", settings.brokers.to_string())
        .set("client.id", "xzepr")
        .set("socket.keepalive.enable", "true")
        // Several attempts must fit in a message's timeout.
        .set("socket.timeout.ms", "10000")
        .set("socket.connection.setup.timeout.ms", "5000")
        // A broker that fails is tried again after 20 ms, then after twice as long each time, up to a second. Half of the
        // first time, at least 11 ms, is also the interval at which librdkafka selects a broker to connect to. A new
        // client selects two: a bootstrap server, and after that one of the brokers that it names (`leaders.rs`).
        //
        // `enable.sparse.connections=false` would need no selection. But it connects each client to all brokers, needed
        // or not, of which MSK has up to 60. With IAM, each accepts 3,000 connections and 100 new ones a second, a
        // t3.small 4: <https://docs.aws.amazon.com/msk/latest/developerguide/limits.html>
        .set("reconnect.backoff.ms", "20")
        .set("reconnect.backoff.max.ms", "1000")
        // Brokers and NAT gateways drop a connection that was frozen for minutes. The client closes it before they do.
        .set("connections.max.idle.ms", "180000")
        .set("enable.metrics.push", "false")
        .set("security.protocol", settings.security.protocol());
    if let Some(contexts) = &settings.debug {
        config.set("debug", contexts);
    }
    set_tls(&mut config, settings, credentials);
    set_sasl(&mut config, settings, credentials);
    config
}

fn set_tls(config: &mut ClientConfig, settings: &KafkaSettings, credentials: &Credentials) {
    let Some(tls) = &settings.security.tls else { return };
    config
        .set("enable.ssl.certificate.verification", "true")
        .set("ssl.endpoint.identification.algorithm", "https");
    match &tls.ca {
        Some(ca) => config.set("ssl.ca.pem", &ca.text),
        // The OpenSSL that is linked in has no default path that exists on any system.
        None => config.set("ssl.ca.location", "probe"),
    };
    if let Some((certificate, key)) = &credentials.certificate {
        config.set("ssl.certificate.pem", &certificate.text).set("ssl.key.pem", key.text.expose_secret());
        if let Some(password) = &key.password {
            config.set("ssl.key.password", password.expose_secret());
        }
    }
}

fn set_sasl(config: &mut ClientConfig, settings: &KafkaSettings, credentials: &Credentials) {
    let Some(sasl) = &settings.security.sasl else { return };
    let mechanism = match sasl {
        // On the wire it is a token like any other.
        Sasl::MskIam { .. } => "OAUTHBEARER",
        other => other.mechanism(),
    };
    config.set("sasl.mechanism", mechanism);
    match (sasl, &credentials.login) {
        (Sasl::Password { .. }, Some(login)) => {
            config.set("sasl.username", &login.username).set("sasl.password", login.password.expose_secret());
        }
        (Sasl::Kerberos { principal, keytab_location, service_name }, _) => {
            config
                .set("sasl.kerberos.principal", principal)
                .set("sasl.kerberos.keytab", keytab_location)
                .set("sasl.kerberos.service.name", service_name);
        }
        _ => {}
    }
}

/// Which records a producer puts into one batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Batching {
    /// As many as this number of bytes allows, since a topic's limit holds for a whole batch. `None` is librdkafka's
    /// default, which is the brokers' default limit.
    UpTo(Option<u32>),
    /// One, so that a broker's error for a batch is about that record.
    OneRecord,
}

/// The producer's properties.
pub(crate) fn producer_config(
    mut config: ClientConfig,
    compression: Compression,
    batching: Batching,
) -> ClientConfig {
    config
        .set("acks", "all")
        .set("message.timeout.ms", MESSAGE_TIMEOUT.as_millis().to_string())
        .set("linger.ms", LINGER.as_millis().to_string())
        .set("compression.type", compression.name())
        .set("compression.level", compression.level().to_string())
        // The partition that the Java client picks for a key.
        .set("partitioner", "murmur2_random")
        // The topic is created with the configured partitions or not at all.
        .set("allow.auto.create.topics", "false")
        .set("topic.metadata.propagation.max.ms", "5000");
    match batching {
        Batching::UpTo(None) => config.set("enable.idempotence", "true"),
        Batching::UpTo(Some(bytes)) => {
            config.set("enable.idempotence", "true").set("batch.size", bytes.to_string())
        }
        // At each refused batch an idempotent producer stops all others, to get a new epoch.
        Batching::OneRecord => config.set("enable.idempotence", "false").set("batch.num.messages", "1"),
    };
    config
}

#[cfg(test)]
mod tests {
    use xzepr_settings::Settings;

    use super::*;

    /// librdkafka waits at least 11 ms, and half of the first backoff (`rd_kafka_conf_finalize`).
    #[test]
    fn a_new_client_waits_as_little_as_possible_and_connects_to_no_broker_that_it_does_not_need() {
        let settings = Settings::new(|_| None, "").unwrap().kafka().unwrap();
        let config = client_config(&settings, &Credentials::default());
        let first_backoff: u32 = config.get("reconnect.backoff.ms").unwrap().parse().unwrap();
        assert!((1..=22).contains(&first_backoff), "0 is no backoff");
        assert_eq!(config.get("reconnect.backoff.max.ms"), Some("1000"));
        assert_eq!(config.get("enable.sparse.connections"), None, "librdkafka's default is true");
    }
}
