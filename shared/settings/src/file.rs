//! The YAML file: a tree of scalars whose every key is known.

use std::collections::HashMap;

use saphyr::{LoadableYamlNode, Scalar, Yaml};

use crate::SettingsError;

/// Every key that the file may have, its path joined with dots.
const KEYS: [&str; 28] = [
    "table.name",
    "kafka.brokers",
    "kafka.default_topic",
    "kafka.default_topic_partitions",
    "kafka.default_topic_replication_factor",
    "kafka.create_topics",
    "kafka.debug",
    "kafka.auth.security_protocol",
    "kafka.auth.aws_region",
    "kafka.auth.ssl.ca_location",
    "kafka.auth.ssl.ca_pem",
    "kafka.auth.ssl.certificate_location",
    "kafka.auth.ssl.key_location",
    "kafka.auth.ssl.key_password",
    "kafka.auth.ssl.secret_arn",
    "kafka.auth.sasl.mechanism",
    "kafka.auth.sasl.username",
    "kafka.auth.sasl.password",
    "kafka.auth.sasl.secret_arn",
    "kafka.auth.sasl.oauthbearer.token_endpoint",
    "kafka.auth.sasl.oauthbearer.scope",
    "kafka.auth.sasl.kerberos.keytab_location",
    "kafka.auth.sasl.kerberos.service_name",
    "dead_letters.table_name",
    "dead_letters.max_attempts",
    "replay.function_name",
    "replay.lease_seconds",
    "replay.max_events_per_second",
];

/// The file's values as text, by key.
#[derive(Debug, Default)]
pub(crate) struct File(HashMap<String, String>);

impl File {
    pub(crate) fn parse(text: &str) -> Result<Self, SettingsError> {
        let documents =
            Yaml::load_from_str(text).map_err(|error| SettingsError::InvalidFile(error.to_string()))?;
        let mut file = Self::default();
        for document in &documents {
            file.add("", document)?;
        }
        Ok(file)
    }

    pub(crate) fn get(&self, key: &str) -> Option<String> {
        self.0.get(key).cloned()
    }

    fn add(&mut self, path: &str, node: &Yaml<'_>) -> Result<(), SettingsError> {
        let value = match node {
            Yaml::Mapping(members) => {
                for (name, member) in members {
                    let name = name.as_str().unwrap_or("?");
                    let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                    self.add(&path, member)?;
                }
                return Ok(());
            }
            // A section or key whose values are all commented out.
            Yaml::Value(Scalar::Null) => return Ok(()),
            Yaml::Value(Scalar::Boolean(value)) => value.to_string(),
            Yaml::Value(Scalar::Integer(value)) => value.to_string(),
            Yaml::Value(Scalar::String(value)) => value.to_string(),
            _ => return Err(SettingsError::InvalidFile(format!("{path} must be a single value"))),
        };
        if !KEYS.contains(&path) {
            return Err(SettingsError::InvalidFile(format!("unknown key {path}")));
        }
        self.0.insert(path.to_owned(), value);
        Ok(())
    }
}
