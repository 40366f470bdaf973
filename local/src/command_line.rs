//! The flags.

use std::{env, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};
use local::{Auth, Backends, Options, Progress, Question};
use serde_json::{Value, json};
use xzepr_domain::{InvalidText, ShortText};

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
    /// Port of the Kafka that `local` starts
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
    /// Keeps the table, the stream and the mapping's position in this folder instead of in memory
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Who may call the HTTP API
    #[arg(long, default_value = "none")]
    auth: AuthKind,
    /// Steady rate of each route, in place of the template's
    #[arg(long, value_name = "NUMBER")]
    requests_per_second: Option<u32>,
    /// Requests of each route that may arrive at once, in place of the template's
    #[arg(long, value_name = "NUMBER")]
    request_burst: Option<u32>,
    /// Origins whose pages may call the HTTP API, separated by commas
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    cors_allow_origins: Vec<String>,
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
    /// Apache Kafka from its Maven jars; needs Java 17 and Maven
    Apache,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum AuthKind {
    /// Everybody
    None,
    /// Callers with a token; `local` makes a key pair and a token for each scope
    Jwt,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs only the DynamoDB API, with its data in a file
    DynamodbApi {
        /// Port
        #[arg(long, default_value_t = 8000)]
        port: u16,
        /// Folder of the file
        #[arg(long, value_name = "DIR")]
        data_dir: PathBuf,
    },
    /// Connects to Kafka with the current settings, and prints each step
    KafkaCheck {
        /// Sends a record to this topic, and creates a missing topic if the settings allow it
        #[arg(long, value_name = "TOPIC")]
        produce_to: Option<String>,
    },
    /// Compares the table with the topic for a time range, and ends with status 1 if an event is missing
    Reconcile {
        /// First time of the range, RFC 3339
        #[arg(long, value_name = "TIME")]
        start: String,
        /// First time after the range, RFC 3339
        #[arg(long, value_name = "TIME")]
        end: String,
        #[command(flatten)]
        api: Api,
    },
    /// Explains the routes of the current settings
    Routes {
        #[command(subcommand)]
        action: Routes,
    },
    /// Lists, retries and drops dead letters
    DeadLetters {
        #[command(subcommand)]
        action: DeadLetters,
    },
}

/// The API of the functions.
#[derive(Debug, Args)]
pub(crate) struct Api {
    /// The API of a running `local`
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080")]
    pub(crate) api_url: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeadLetters {
    /// Prints all of them, the oldest first
    List {
        #[command(flatten)]
        api: Api,
    },
    /// Publishes them now, parked or not
    Retry {
        #[command(flatten)]
        selection: Selection,
        #[command(flatten)]
        api: Api,
    },
    /// Deletes them; their events stay in the table, unpublished
    Drop {
        #[command(flatten)]
        selection: Selection,
        #[command(flatten)]
        api: Api,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Routes {
    /// Prints which routes an event takes, and why it does not take the others
    Explain {
        /// An event's id, or a file with the JSON body of a POST of an event; - is the standard input
        #[arg(value_name = "EVENT")]
        event: String,
        /// The type of the event's receiver; without it, the receiver is read from the table if a route needs it
        #[arg(long, value_name = "TYPE", value_parser = receiver_type)]
        receiver_type: Option<ShortText>,
        /// The DynamoDB API of a running `local`, http://127.0.0.1:8000; without it, the AWS SDK's settings decide
        #[arg(long, value_name = "URL")]
        dynamodb_endpoint: Option<String>,
    },
}

impl From<Routes> for Question {
    fn from(action: Routes) -> Self {
        let Routes::Explain { event, receiver_type, dynamodb_endpoint } = action;
        Self { event, receiver_type, dynamodb_endpoint }
    }
}

fn receiver_type(text: &str) -> Result<ShortText, InvalidText> {
    text.to_owned().try_into()
}

/// The selected dead letters.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Selection {
    /// Keys from the list, each in quotes: 'EVENT#2026-01-01#Z 01HJ1K2M3N4P5Q6R7S8T9V0W1Z'
    #[arg(value_name = "KEY")]
    keys: Vec<String>,
    /// All dead letters
    #[arg(long)]
    all: bool,
}

impl DeadLetters {
    /// The API, and the request for the function redrive-dead-letters.
    pub(crate) fn request(self) -> (Api, Value) {
        // The name that the shell has for whoever starts this command.
        let requested_by = env::var("USER").ok().filter(|user| !user.is_empty());
        match self {
            Self::List { api } => (api, json!({"action": "list"})),
            Self::Retry { selection: Selection { keys, all }, api } => {
                (api, json!({"action": "retry", "keys": keys, "all": all, "requested_by": requested_by}))
            }
            Self::Drop { selection: Selection { keys, all }, api } => {
                (api, json!({"action": "drop", "keys": keys, "all": all, "requested_by": requested_by}))
            }
        }
    }
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
            auth: match arguments.auth {
                AuthKind::None => Auth::None,
                AuthKind::Jwt => Auth::Jwt,
            },
            requests_per_second: arguments.requests_per_second,
            request_burst: arguments.request_burst,
            cors_allow_origins: arguments.cors_allow_origins,
            progress: Progress::Printed,
            ..Self::default()
        }
    }
}
