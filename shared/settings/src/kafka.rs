//! `kafka`: the cluster and the default topic.

use std::{fmt, str::FromStr};

use crate::{
    Compression, Security, Settings, SettingsError,
    reader::Reader,
    setting::{ANY_TEXT, Setting, settings},
};

settings! {
    BROKERS = Setting {
        variable: "XZEPR_KAFKA_BROKERS",
        key: "kafka.brokers",
        default: Some("localhost:9092"),
        rule: "must be host:port, several separated by commas",
    };
    DEFAULT_TOPIC = Setting {
        variable: "XZEPR_KAFKA_DEFAULT_TOPIC",
        key: "kafka.default_topic",
        default: Some("xzepr.dev.events"),
        rule: "must be a topic's name: 1 to 249 letters, digits, '.', '_' and '-', not '.' or '..'",
    };
    DEFAULT_TOPIC_PARTITIONS = Setting {
        variable: "XZEPR_KAFKA_DEFAULT_TOPIC_PARTITIONS",
        key: "kafka.default_topic_partitions",
        default: Some("3"),
        rule: "must be a whole number of at least 1, or -1 for the brokers' default",
    };
    DEFAULT_TOPIC_REPLICATION_FACTOR = Setting {
        variable: "XZEPR_KAFKA_DEFAULT_TOPIC_REPLICATION_FACTOR",
        key: "kafka.default_topic_replication_factor",
        default: Some("1"),
        rule: "must be a whole number from 1 to 32767, or -1 for the brokers' default",
    };
    CREATE_TOPICS = Setting {
        variable: "XZEPR_KAFKA_CREATE_TOPICS",
        key: "kafka.create_topics",
        default: Some("true"),
        rule: "must be true or false",
    };
    COMPRESSION = Setting {
        variable: "XZEPR_KAFKA_COMPRESSION",
        key: "kafka.compression",
        default: Some("gzip"),
        rule: "must be none, gzip, snappy, lz4 or zstd",
    };
    DEBUG = Setting {
        variable: "XZEPR_KAFKA_DEBUG",
        key: "kafka.debug",
        default: None,
        rule: ANY_TEXT,
    };
}

/// In a request to create a topic: the brokers' own `num.partitions` or `default.replication.factor`. Kafka accepts it
/// from 2.4 on.
///
/// <https://cwiki.apache.org/confluence/display/KAFKA/KIP-464>
const BROKERS_DEFAULT: i32 = -1;

/// The Kafka cluster and the default topic.
#[derive(Debug, Clone)]
pub struct KafkaSettings {
    /// The brokers to connect to first.
    pub brokers: Brokers,
    /// The default topic's name.
    pub default_topic: String,
    /// The partitions of a topic that is created. -1 is the brokers' default.
    pub default_topic_partitions: i32,
    /// The replication factor of a topic that is created. -1 is the brokers' default.
    pub default_topic_replication_factor: i32,
    /// Whether a missing topic is created.
    pub create_topics: bool,
    /// How the records of a batch are compressed.
    pub compression: Compression,
    /// librdkafka's debug contexts, such as `broker,security`. Their lines are logged at level `DEBUG`.
    pub debug: Option<String>,
    /// How the connection to the brokers is secured.
    pub security: Security,
}

impl KafkaSettings {
    pub(crate) fn read(settings: &Settings) -> Result<Self, SettingsError> {
        let mut reader = Reader::new(settings);
        let brokers = reader.value(&BROKERS);
        let default_topic = reader.checked(&DEFAULT_TOPIC, |name: &String| is_topic_name(name));
        let default_topic_partitions = reader.checked(&DEFAULT_TOPIC_PARTITIONS, |partitions| {
            *partitions >= 1 || *partitions == BROKERS_DEFAULT
        });
        let default_topic_replication_factor = reader.checked(&DEFAULT_TOPIC_REPLICATION_FACTOR, |factor| {
            (1..=i32::from(i16::MAX)).contains(factor) || *factor == BROKERS_DEFAULT
        });
        let create_topics = reader.value(&CREATE_TOPICS);
        let compression = reader.value(&COMPRESSION);
        let debug = reader.text(&DEBUG);
        let security = Security::read(&mut reader);
        reader.finish(|| {
            Some(Self {
                brokers: brokers?,
                default_topic: default_topic?,
                default_topic_partitions: default_topic_partitions?,
                default_topic_replication_factor: default_topic_replication_factor?,
                create_topics: create_topics?,
                compression: compression?,
                debug,
                security: security?,
            })
        })
    }
}

/// A list of brokers, `host:port` separated by commas, at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brokers(String);

impl FromStr for Brokers {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_broker = |broker: &str| {
            broker.trim().rsplit_once(':').is_some_and(|(host, port)| {
                !host.is_empty() && port.parse::<u16>().is_ok_and(|port| port > 0)
            })
        };
        if text.split(',').all(is_broker) { Ok(Self(text.to_owned())) } else { Err(BROKERS.rule) }
    }
}

impl fmt::Display for Brokers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The most characters of a topic's name.
pub(crate) const MAX_TOPIC_NAME: usize = 249;

/// The names that Kafka accepts for a topic (`org.apache.kafka.common.internals.Topic`).
pub(crate) fn is_topic_name(name: &str) -> bool {
    (1..=MAX_TOPIC_NAME).contains(&name.len())
        && name != "."
        && name != ".."
        && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(variables: &[(&str, &str)], file: &str) -> Result<KafkaSettings, SettingsError> {
        let variables: Vec<(String, String)> =
            variables.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        let lookup = move |name: &str| {
            variables.iter().find(|(variable, _)| variable == name).map(|(_, value)| value.clone())
        };
        Settings::new(lookup, file)?.kafka()
    }

    #[test]
    fn the_environment_overrides_the_file_and_the_file_overrides_the_default() {
        let file = "kafka:\n  brokers: file:1\n  default_topic: from-file\n  create_topics: false\n";
        let kafka =
            read(&[("XZEPR_KAFKA_BROKERS", "env:2"), ("XZEPR_KAFKA_DEFAULT_TOPIC", "")], file).unwrap();
        assert_eq!(kafka.brokers.to_string(), "env:2");
        assert_eq!(kafka.default_topic, "from-file");
        assert!(!kafka.create_topics);
        assert_eq!((kafka.default_topic_partitions, kafka.default_topic_replication_factor), (3, 1));
    }

    #[test]
    fn every_wrong_value_is_named_at_once() {
        let error = read(
            &[
                ("XZEPR_KAFKA_BROKERS", "a:1,b"),
                ("XZEPR_KAFKA_DEFAULT_TOPIC_PARTITIONS", "many"),
                ("XZEPR_KAFKA_CREATE_TOPICS", "yes"),
                ("XZEPR_KAFKA_COMPRESSION", "brotli"),
                ("XZEPR_KAFKA_SECURITY_PROTOCOL", "TLS"),
            ],
            "kafka: {default_topic: 'a b'}",
        );
        assert_eq!(
            error.unwrap_err().to_string(),
            "XZEPR_KAFKA_BROKERS (kafka.brokers) must be host:port, several separated by commas; \
             XZEPR_KAFKA_DEFAULT_TOPIC (kafka.default_topic) must be a topic's name: 1 to 249 letters, digits, \
             '.', '_' and '-', not '.' or '..'; \
             XZEPR_KAFKA_DEFAULT_TOPIC_PARTITIONS (kafka.default_topic_partitions) must be a whole number of \
             at least 1, or -1 for the brokers' default; \
             XZEPR_KAFKA_CREATE_TOPICS (kafka.create_topics) must be true or false; \
             XZEPR_KAFKA_COMPRESSION (kafka.compression) must be none, gzip, snappy, lz4 or zstd; \
             XZEPR_KAFKA_SECURITY_PROTOCOL (kafka.auth.security_protocol) must be PLAINTEXT, SSL, \
             SASL_PLAINTEXT or SASL_SSL"
        );
    }

    #[test]
    fn minus_one_is_the_brokers_default_and_nothing_else_below_one_is_a_number() {
        const PARTITIONS: &str = "XZEPR_KAFKA_DEFAULT_TOPIC_PARTITIONS";
        const FACTOR: &str = "XZEPR_KAFKA_DEFAULT_TOPIC_REPLICATION_FACTOR";
        let kafka = read(&[(PARTITIONS, "-1"), (FACTOR, "-1")], "").unwrap();
        assert_eq!((kafka.default_topic_partitions, kafka.default_topic_replication_factor), (-1, -1));
        for variable in [PARTITIONS, FACTOR] {
            for wrong in ["0", "-2", "1.5", "many"] {
                let error = read(&[(variable, wrong)], "").unwrap_err().to_string();
                assert!(error.starts_with(variable) && error.contains("-1"), "{wrong}: {error}");
            }
        }
    }

    #[test]
    fn an_unknown_key_in_the_file_is_an_error_that_names_it() {
        for (file, problem) in [
            ("kafka:\n  broker: a:1\n", "unknown key kafka.broker"),
            ("tables: {}\ntopic: x\n", "unknown key topic"),
            ("kafka:\n  brokers: [a:1]\n", "kafka.brokers must be a single value"),
        ] {
            let error = read(&[], file).unwrap_err().to_string();
            assert_eq!(error, format!("the settings file is wrong: {problem}"));
        }
        assert!(read(&[], "kafka: {").is_err());
        assert!(read(&[], "").is_ok() && read(&[], "kafka:\n").is_ok());
    }
}
