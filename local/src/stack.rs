//! Puts the parts together, in the order in which they need each other.

use std::{collections::HashMap, fs, path::PathBuf};

use tokio::task::JoinHandle;
use xzepr_settings::{KafkaSettings, Settings};

use crate::{
    cargo_lambda::LambdaApi,
    dynamodb::EmbeddedDynamodb,
    error::{Context, Error, Result},
    event_source_mapping::{self, FunctionClient, Source},
    functions::{self, Functions},
    kafka::{Apache, Embedded, Kafka},
    table,
    template::Template,
    workspace,
};

const PUBLISHER: &str = "publish-events";

/// Which back ends to use.
#[derive(Debug, Clone, Default)]
pub struct Backends {
    /// A DynamoDB API that runs already, in place of the embedded one.
    pub dynamodb_endpoint: Option<String>,
    /// A Kafka that runs already, in place of one that is started here.
    pub kafka_brokers: Option<String>,
    /// How many brokers of Apache Kafka to start; 0 for the embedded Kafka.
    pub apache_brokers: usize,
}

/// What to start, and where.
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
    /// Keeps data and the mapping's position here instead of in memory.
    pub data_dir: Option<PathBuf>,
    /// Takes logs and the mapping's on-failure file.
    pub log_dir: PathBuf,
}

/// The running system. What it started ends when it is dropped.
pub struct Stack {
    /// Where callers post.
    pub api_url: String,
    /// The DynamoDB API.
    pub dynamodb_url: String,
    /// The table.
    pub table: String,
    /// The topic.
    pub topic: String,
    /// The Kafka cluster.
    pub kafka: Kafka,
    /// How to connect to it.
    pub kafka_settings: KafkaSettings,
    /// The functions' processes.
    pub functions: Functions,
    mapping: JoinHandle<()>,
    _lambda: LambdaApi,
    _dynamodb: Option<EmbeddedDynamodb>,
}

impl Options {
    /// Where logs go unless another folder is asked for.
    pub fn default_log_dir() -> PathBuf {
        workspace::target().join("local")
    }
}

impl Stack {
    /// Builds the functions and starts everything.
    pub async fn start(options: Options) -> Result<Self> {
        fs::create_dir_all(&options.log_dir).context("creating the log folder")?;
        let settings = Settings::load().context("settings")?;
        let (table, mut kafka_settings) =
            (settings.table().context("settings")?, settings.kafka().context("settings")?);
        check_security(&options, &kafka_settings)?;
        let template = Template::load()?;
        functions::build(&template).await?;

        let lambda = LambdaApi::start(options.api_port, &options.log_dir.join("cargo-lambda.log")).await?;
        let (dynamodb, dynamodb_url) = dynamodb(&options)?;
        let sdk_config = table::sdk_config(&dynamodb_url).await;
        let stream_arn = table::ensure(&sdk_config, &table.name, &template.table).await?;
        let kafka =
            kafka(&options, &kafka_settings.default_topic, kafka_settings.default_topic_partitions).await?;
        kafka_settings.brokers =
            kafka.brokers().parse().map_err(|rule| Error::new(format!("--kafka-brokers {rule}")))?;

        let brokers = kafka.brokers();
        let environment = |function: &str| environment(function, &dynamodb_url, &brokers);
        let functions = Functions::start(&template, &lambda.url(), environment, &options.log_dir)?;
        let source = Source {
            client: aws_sdk_dynamodbstreams::Client::new(&sdk_config),
            stream_arn,
            positions: options.data_dir.as_ref().map(|dir| dir.join("event-source-mapping.json")),
            on_failure: options.log_dir.join("on-failure-queue.jsonl"),
        };
        let mapping = start_mapping(source, &template, &lambda.url(), &functions)?;
        Ok(Self {
            api_url: lambda.url(),
            dynamodb_url,
            table: table.name,
            topic: kafka_settings.default_topic.clone(),
            kafka_settings,
            kafka,
            functions,
            mapping,
            _lambda: lambda,
            _dynamodb: dynamodb,
        })
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        self.mapping.abort();
    }
}

fn dynamodb(options: &Options) -> Result<(Option<EmbeddedDynamodb>, String)> {
    if let Some(endpoint) = &options.backends.dynamodb_endpoint {
        return Ok((None, endpoint.clone()));
    }
    let dynamodb = EmbeddedDynamodb::start(options.dynamodb_port, options.data_dir.as_deref())?;
    let url = dynamodb.url();
    Ok((Some(dynamodb), url))
}

/// A Kafka that is started here has no security, and the functions would not get in.
fn check_security(options: &Options, settings: &KafkaSettings) -> Result<()> {
    let protocol = settings.security.protocol();
    if protocol == "PLAINTEXT" || options.backends.kafka_brokers.is_some() {
        return Ok(());
    }
    Err(Error::new(format!(
        "XZEPR_KAFKA_SECURITY_PROTOCOL is {protocol}, which the Kafka that is started here does not have: \
         unset it, or name your own brokers with --kafka-brokers"
    )))
}

async fn kafka(options: &Options, topic: &str, partitions: i32) -> Result<Kafka> {
    if let Some(brokers) = &options.backends.kafka_brokers {
        return Ok(Kafka::External(brokers.clone()));
    }
    if options.backends.apache_brokers == 0 {
        return Embedded::start(options.kafka_port, topic, partitions).await.map(Kafka::Embedded);
    }
    let dir = options.data_dir.as_deref().unwrap_or(&options.log_dir).join("kafka");
    let brokers = options.backends.apache_brokers;
    let fresh = options.data_dir.is_none() && dir.exists();
    if fresh {
        fs::remove_dir_all(&dir).context("clearing the last run's Kafka data")?;
    }
    Apache::start(options.kafka_port, brokers, &dir).await.map(Kafka::Apache)
}

/// The publisher talks to no table: it keeps its caller's AWS credentials, for Amazon MSK.
fn environment(function: &str, dynamodb_url: &str, brokers: &str) -> HashMap<String, String> {
    let variables: &[(&str, &str)] = if function == PUBLISHER {
        &[("XZEPR_KAFKA_BROKERS", brokers)]
    } else {
        &[
            ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_url),
            ("AWS_REGION", table::REGION),
            ("AWS_ACCESS_KEY_ID", table::CREDENTIAL),
            ("AWS_SECRET_ACCESS_KEY", table::CREDENTIAL),
        ]
    };
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn start_mapping(
    source: Source,
    template: &Template,
    api_url: &str,
    functions: &Functions,
) -> Result<JoinHandle<()>> {
    let (api_url, timeout) = (api_url.to_owned(), template.timeout(PUBLISHER));
    let deaths = functions.deaths(PUBLISHER)?;
    let mapping = template.mapping.clone();
    let function = move || FunctionClient::new(&api_url, PUBLISHER, timeout, deaths.clone());
    Ok(tokio::spawn(async move {
        if let Err(error) = event_source_mapping::run(source, mapping, function).await {
            eprintln!("the event source mapping ended: {error}");
        }
    }))
}
