//! The options of a [`Stack`](crate::Stack).

use std::{collections::HashMap, path::PathBuf, time::Duration};

use crate::{event_source_mapping::Deliveries, progress::Progress, workspace};

/// The back ends to use.
#[derive(Debug, Clone, Default)]
pub struct Backends {
    /// A DynamoDB API that runs already, in place of the embedded one.
    pub dynamodb_endpoint: Option<String>,
    /// A Kafka that runs already. Without it, `local` starts one.
    pub kafka_brokers: Option<String>,
    /// The number of brokers of Apache Kafka to start; 0 for the embedded Kafka.
    pub apache_brokers: usize,
}

/// Who may call the HTTP API.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Auth {
    /// Everybody.
    #[default]
    None,
    /// Callers with a token of the [`Issuer`](crate::Issuer) that `local` starts.
    Jwt,
}

/// The parts to start, and their places.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The HTTP API's port, 0 for a free one.
    pub api_port: u16,
    /// The DynamoDB API's port, 0 for a free one.
    pub dynamodb_port: u16,
    /// Kafka's port, 0 for a free one.
    pub kafka_port: u16,
    /// The back ends.
    pub backends: Backends,
    /// The folder for the data and the mapping's position. Without it they are in memory.
    pub data_dir: Option<PathBuf>,
    /// The folder for the logs and the on-failure queue.
    pub log_dir: PathBuf,
    /// The age at which a record of the stream goes to the on-failure queue, in place of the template's 22 hours.
    pub maximum_record_age: Option<Duration>,
    /// The time between two runs of `resume-replays`, in place of the template's minute.
    pub resume_replays_every: Option<Duration>,
    /// The number of requests that each function of the HTTP API processes at the same time, 0 for one.
    pub execution_environments: usize,
    /// Who may call the HTTP API.
    pub auth: Auth,
    /// The steady rate of each route, in place of the template's.
    pub requests_per_second: Option<u32>,
    /// The requests of each route that may arrive at once, in place of the template's.
    pub request_burst: Option<u32>,
    /// The origins whose pages may call the HTTP API. Without one it has no CORS.
    pub cors_allow_origins: Vec<String>,
    /// Variables of the functions, beside the caller's own.
    pub environment: HashMap<String, String>,
    /// The folder with the functions' programs. Without it, `local` makes development builds of them.
    pub programs: Option<PathBuf>,
    /// Gets the successful invocations of the event source mappings, for a measurement.
    pub deliveries: Option<Deliveries>,
    /// Whether the stages of the start are printed.
    pub progress: Progress,
}

impl Options {
    /// The folder for logs when the caller names none.
    pub fn default_log_dir() -> PathBuf {
        workspace::target().join("local")
    }
}
