//! The YAML file: the whole tree, every key optional, unknown keys refused.

use serde::Deserialize;

use crate::SettingsError;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct File {
    pub(crate) table: Table,
    pub(crate) kafka: Kafka,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Table {
    pub(crate) name: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Kafka {
    pub(crate) brokers: Option<String>,
    pub(crate) default_topic: Option<String>,
    pub(crate) default_topic_partitions: Option<i32>,
    pub(crate) default_topic_replication_factor: Option<i32>,
    pub(crate) create_topics: Option<bool>,
    pub(crate) auth: Auth,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Auth {
    pub(crate) security_protocol: Option<String>,
}

impl File {
    pub(crate) fn parse(text: &str) -> Result<Self, SettingsError> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        serde_saphyr::from_str(text).map_err(|error| SettingsError::InvalidFile(error.to_string()))
    }
}
