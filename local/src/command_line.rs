//! The flags.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};
use local::{Backends, Options};

/// Runs the whole registry on this machine: HTTP API, DynamoDB API, Kafka, functions, event source mapping.
#[derive(Debug, Parser)]
#[command(name = "local")]
pub(crate) struct Arguments {
    /// Port of the HTTP API
    #[arg(long, default_value_t = 8080)]
    api_port: u16,
    /// Port of the embedded DynamoDB API
    #[arg(long, default_value_t = 8000)]
    dynamodb_port: u16,
    /// Port of the Kafka that is started here
    #[arg(long, default_value_t = 9092)]
    kafka_port: u16,
    /// Uses this DynamoDB API instead of the embedded one
    #[arg(long, value_name = "URL")]
    dynamodb_endpoint: Option<String>,
    /// Uses these brokers instead of starting a Kafka
    #[arg(long, value_name = "LIST", conflicts_with = "kafka")]
    kafka_brokers: Option<String>,
    /// Which Kafka to start
    #[arg(long, default_value = "embedded")]
    kafka: KafkaKind,
    /// Keeps table, stream and the mapping's position in this folder instead of in memory
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Posts no samples
    #[arg(long)]
    pub(crate) no_samples: bool,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KafkaKind {
    /// In this process, in memory
    Embedded,
    /// Apache Kafka from its Maven jars; needs a JDK (17) and Maven
    Apache,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs only the DynamoDB API, as a process of its own on a file
    DynamodbApi {
        /// Port
        #[arg(long, default_value_t = 8000)]
        port: u16,
        /// Folder of the file
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
    },
    /// Connects to Kafka with the current settings, and says how far it gets
    KafkaCheck {
        /// Sends a record to this topic; one that is missing is created where the settings allow it
        #[arg(long, value_name = "TOPIC")]
        produce_to: Option<String>,
    },
}

impl From<Arguments> for Options {
    fn from(arguments: Arguments) -> Self {
        Self {
            api_port: arguments.api_port,
            dynamodb_port: arguments.dynamodb_port,
            kafka_port: arguments.kafka_port,
            backends: Backends {
                dynamodb_endpoint: arguments.dynamodb_endpoint,
                kafka_brokers: arguments.kafka_brokers,
                apache_brokers: match arguments.kafka {
                    KafkaKind::Embedded => 0,
                    KafkaKind::Apache => 1,
                },
            },
            data_dir: arguments.data_dir,
            log_dir: Self::default_log_dir(),
        }
    }
}
