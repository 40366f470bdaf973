//! Settings: the environment first, then an optional YAML file, then the default.
//!
//! `XZEPR_CONFIG_FILE` names the file. Without it no file is read. Each section is read when a function asks for it, so
//! that a function fails only for settings that it uses. One error names all faults of a section, each with the variable
//! to change.

mod compression;
mod dead_letters;
#[cfg(test)]
mod documentation;
mod file;
mod format;
mod index;
mod kafka;
mod login;
mod mechanism;
mod messages;
#[cfg(test)]
mod properties;
mod protocol;
mod public_base_url;
mod reader;
mod registry;
mod replay;
mod routes;
mod sasl;
mod schema_registry;
mod secret_arn;
mod security;
mod setting;
mod subject_name_strategy;
mod table;
mod tls;
mod yaml_json;

use std::{env, fs};

pub use compression::Compression;
pub use dead_letters::DeadLetterSettings;
pub use format::{Format, UnknownFormat};
pub use index::IndexSettings;
pub use kafka::{Brokers, KafkaSettings};
pub use login::Login;
pub use mechanism::PasswordMechanism;
pub use messages::MessageSettings;
pub use public_base_url::{InvalidBaseUrl, PublicBaseUrl};
pub use replay::ReplaySettings;
pub use routes::{
    Condition, Conditions, Field, InvalidTopic, KeyChoice, RouteName, RouteSettings, TopicTemplate,
};
pub use sasl::Sasl;
pub use schema_registry::{SchemaRegistrySettings, SchemaRegistryUrl};
pub use secrecy::{ExposeSecret, SecretString};
pub use secret_arn::SecretArn;
pub use security::Security;
pub use subject_name_strategy::SubjectNameStrategy;
pub use table::TableSettings;
pub use tls::{ClientCertificate, Pem, PrivateKey, Tls};

/// Names the optional YAML file.
pub const CONFIG_FILE: &str = "XZEPR_CONFIG_FILE";

/// Why the settings cannot be used. The text names the variable or the file, and never contains a secret.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The file cannot be read.
    #[error("{CONFIG_FILE} names a file that cannot be read: {path}: {source}")]
    UnreadableFile {
        /// The variable's value.
        path: String,
        /// The operating system's reason.
        source: std::io::Error,
    },
    /// The file is not YAML, or has a key that does not exist.
    #[error("the settings file is wrong: {0}")]
    InvalidFile(String),
    /// Values that do not follow their rules.
    #[error("{}", .0.join("; "))]
    InvalidValues(Vec<String>),
}

type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The sources of settings.
pub struct Settings {
    variable: Box<Lookup>,
    file: file::File,
}

impl Settings {
    /// The process's environment and the file that it names.
    pub fn load() -> Result<Self, SettingsError> {
        let text = match env::var(CONFIG_FILE) {
            Ok(path) if !path.is_empty() => {
                fs::read_to_string(&path).map_err(|source| SettingsError::UnreadableFile { path, source })?
            }
            _ => String::new(),
        };
        Self::new(|name| env::var(name).ok(), &text)
    }

    /// Settings from any lookup of variables, and the text of a file, which may be empty.
    pub fn new(
        variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
        file: &str,
    ) -> Result<Self, SettingsError> {
        Ok(Self { variable: Box::new(variable), file: file::File::parse(file)? })
    }

    /// The DynamoDB table.
    pub fn table(&self) -> Result<TableSettings, SettingsError> {
        TableSettings::read(self)
    }

    /// The Kafka cluster and the default topic.
    pub fn kafka(&self) -> Result<KafkaSettings, SettingsError> {
        KafkaSettings::read(self)
    }

    /// The messages and their routes.
    pub fn messages(&self) -> Result<MessageSettings, SettingsError> {
        MessageSettings::read(self)
    }

    /// The dead letters.
    pub fn dead_letters(&self) -> Result<DeadLetterSettings, SettingsError> {
        DeadLetterSettings::read(self)
    }

    /// The index table.
    pub fn index(&self) -> Result<IndexSettings, SettingsError> {
        IndexSettings::read(self)
    }

    /// The schema registry. `None` without its URL.
    pub fn schema_registry(&self) -> Result<Option<SchemaRegistrySettings>, SettingsError> {
        SchemaRegistrySettings::read(self)
    }

    /// Replays.
    pub fn replay(&self) -> Result<ReplaySettings, SettingsError> {
        ReplaySettings::read(self)
    }
}
