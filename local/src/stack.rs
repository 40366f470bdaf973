//! Puts the parts together, in the order in which they need each other.

use std::{collections::HashMap, env, fs, path::PathBuf, sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet};
use xzepr_settings::{KafkaSettings, Settings};

use crate::{
    api::Api,
    cargo_lambda::LambdaApi,
    dynamodb::EmbeddedDynamodb,
    error::{Context, Error, Result},
    event_source_mapping::{self, FailedInvocations, FunctionClient, Mapping, Source},
    functions::{self, Functions},
    kafka::{Apache, Embedded, Kafka},
    lambda,
    on_failure_queue::OnFailureQueue,
    ports,
    routes::Routes,
    table,
    template::Template,
    workspace,
};

/// The function whose schedule [`Options::resume_replays_every`] shortens.
const RESUME_REPLAYS: &str = "resume-replays";

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
    /// Takes logs and the on-failure queue.
    pub log_dir: PathBuf,
    /// How old a record of the stream may become before it goes to the on-failure queue, in place of the
    /// template's 22 hours.
    pub maximum_record_age: Option<Duration>,
    /// How often replays are resumed, in place of the template's minute.
    pub resume_replays_every: Option<Duration>,
    /// How many requests each function behind the HTTP API answers at the same time, 0 for one.
    pub execution_environments: usize,
    /// Variables of the functions, beside the caller's own.
    pub environment: HashMap<String, String>,
}

/// The running system. What it started ends when it is dropped.
pub struct Stack {
    /// Where callers post.
    pub api_url: String,
    /// The DynamoDB API.
    pub dynamodb_url: String,
    /// The table.
    pub table: String,
    /// The dead letters' table.
    pub dead_letters_table: String,
    /// The topic.
    pub topic: String,
    /// The Kafka cluster.
    pub kafka: Kafka,
    /// How to connect to it.
    pub kafka_settings: KafkaSettings,
    /// What invokes the functions that no caller does; it ends before they do.
    _triggers: JoinSet<()>,
    /// The functions' processes.
    pub functions: Functions,
    /// The invocations that event source mappings saw fail.
    pub failed_invocations: FailedInvocations,
    _api: Api,
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
        let dead_letters_table = settings.dead_letters().context("settings")?.table_name;
        check_security(&options, &kafka_settings)?;
        let template = Template::load()?;
        functions::build(&template).await?;

        let (listener, address) = ports::listen(options.api_port, "--api-port")?;
        let api_url = format!("http://{address}");
        let names: Vec<_> = functions::environments(&template, options.execution_environments)
            .flat_map(|(_, names)| names)
            .collect();
        let lambda = LambdaApi::start(&names, &options.log_dir.join("cargo-lambda")).await?;
        let (dynamodb, dynamodb_url) = dynamodb(&options)?;
        let sdk_config = table::sdk_config(&dynamodb_url).await;
        table::ensure(&sdk_config, &table.name, &template.table).await?;
        table::ensure(&sdk_config, &dead_letters_table, &template.dead_letters_table).await?;
        let stream_arn = table::stream(&sdk_config, &table.name).await?;
        let kafka =
            kafka(&options, &kafka_settings.default_topic, kafka_settings.default_topic_partitions).await?;
        kafka_settings.brokers =
            kafka.brokers().parse().map_err(|rule| Error::new(format!("--kafka-brokers {rule}")))?;

        let mut environment = environment(&dynamodb_url, &api_url, &kafka_settings);
        environment.extend(options.environment.clone());
        let functions = Functions::start(
            &template,
            &lambda.url(),
            &environment,
            options.execution_environments,
            &options.log_dir,
        )?;
        let (activity, is_active) = watch::channel(());
        let environments =
            functions.execution_environments(&template, options.execution_environments, activity);
        let api = Api::start(listener, lambda.url(), Routes::new(template.routes.clone()), environments)?;
        let client = aws_sdk_dynamodbstreams::Client::new(&sdk_config);
        let failed = FailedInvocations::default();
        let source = (client, stream_arn, is_active);
        let triggers = triggers(&options, template, source, &api_url, &functions, &failed)?;
        Ok(Self {
            api_url,
            dynamodb_url,
            table: table.name,
            dead_letters_table,
            topic: kafka_settings.default_topic.clone(),
            kafka_settings,
            kafka,
            _triggers: triggers,
            functions,
            failed_invocations: failed,
            _api: api,
            _lambda: lambda,
            _dynamodb: dynamodb,
        })
    }

    /// Invokes a function and returns its answer.
    pub async fn invoke(&self, function: &str, payload: &serde_json::Value) -> Result<serde_json::Value> {
        lambda::invoke(&self.api_url, function, payload).await
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
        // -1 asks the brokers for their default; the embedded one has none.
        return Embedded::start(options.kafka_port, topic, partitions.max(1)).await.map(Kafka::Embedded);
    }
    let dir = options.data_dir.as_deref().unwrap_or(&options.log_dir).join("kafka");
    let brokers = options.backends.apache_brokers;
    let fresh = options.data_dir.is_none() && dir.exists();
    if fresh {
        fs::remove_dir_all(&dir).context("clearing the last run's Kafka data")?;
    }
    Apache::start(options.kafka_port, brokers, &dir).await.map(Kafka::Apache)
}

/// The functions' variables. Where the connection to Kafka uses the caller's own AWS credentials, they are
/// left, and have to be in the environment: the local DynamoDB API takes any.
fn environment(dynamodb_url: &str, lambda_url: &str, kafka: &KafkaSettings) -> HashMap<String, String> {
    let mut variables = HashMap::from([
        ("AWS_ENDPOINT_URL_DYNAMODB", dynamodb_url.to_owned()),
        ("AWS_ENDPOINT_URL_LAMBDA", lambda_url.to_owned()),
        ("XZEPR_KAFKA_BROKERS", kafka.brokers.to_string()),
    ]);
    if !kafka.security.uses_aws() {
        variables.insert("AWS_ACCESS_KEY_ID", table::CREDENTIAL.to_owned());
        variables.insert("AWS_SECRET_ACCESS_KEY", table::CREDENTIAL.to_owned());
    }
    if env::var_os("AWS_REGION").is_none() {
        variables.insert("AWS_REGION", table::REGION.to_owned());
    }
    variables.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// The event source mappings, the on-failure queue and the clock.
fn triggers(
    options: &Options,
    template: Template,
    (client, stream_arn, activity): (aws_sdk_dynamodbstreams::Client, String, watch::Receiver<()>),
    api_url: &str,
    functions: &Functions,
    failed: &FailedInvocations,
) -> Result<JoinSet<()>> {
    let mut tasks = JoinSet::new();
    let on_failure = Arc::new(OnFailureQueue::new(options.log_dir.join("on-failure-queue.jsonl")));
    tasks.spawn(Arc::clone(&on_failure).consume(api_url.to_owned(), template.queue_consumer.clone()));
    for (function, mapping) in &template.mappings {
        let source = Source {
            client: client.clone(),
            stream_arn: stream_arn.clone(),
            positions: options.data_dir.as_ref().map(|dir| dir.join(format!("{function}-position.json"))),
            on_failure: Arc::clone(&on_failure),
            activity: activity.clone(),
        };
        let mapping = Mapping {
            maximum_record_age: options
                .maximum_record_age
                .filter(|_| mapping.has_on_failure_queue)
                .unwrap_or(mapping.maximum_record_age),
            ..mapping.clone()
        };
        let (api_url, name, timeout) = (api_url.to_owned(), function.clone(), template.timeout(function));
        let deaths = functions.deaths(function)?;
        let failed = Arc::clone(failed);
        tasks.spawn(async move {
            let function = || FunctionClient::new(&api_url, &name, timeout, deaths.clone(), failed.clone());
            if let Err(error) = event_source_mapping::run(source, mapping, function).await {
                eprintln!("the event source mapping of {name} ended: {error}");
            }
        });
    }
    for mut schedule in template.schedules {
        if schedule.function == RESUME_REPLAYS {
            schedule.every = options.resume_replays_every.unwrap_or(schedule.every);
        }
        tasks.spawn(lambda::run_by_schedule(api_url.to_owned(), schedule));
    }
    Ok(tasks)
}
