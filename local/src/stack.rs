//! Starts the parts in the order in which they need each other.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    env, fs,
    sync::Arc,
};

use tokio::{sync::watch, task::JoinSet};
use xzepr_messages::Messages;
use xzepr_settings::{CONFIG_FILE, KafkaSettings, Settings};

use crate::{
    cargo_lambda::LambdaApi,
    dynamodb::EmbeddedDynamodb,
    error::{Context, Error, Result},
    event_source_mapping::FailedInvocations,
    functions::{self, Functions},
    http_api::{Front, HttpApi, Invoker, Issuer, Tokens},
    kafka::{Apache, Embedded, Kafka},
    lambda,
    metrics::Metrics,
    options::{Auth, Options},
    ports,
    progress::Stage,
    table,
    template::Template,
    topic::Topics,
    triggers::{self, Stream},
};

/// The running system. All that it started ends when this is dropped.
pub struct Stack {
    /// The URL for callers.
    pub api_url: String,
    /// The issuer of tokens for the API, with [`Auth::Jwt`].
    pub issuer: Option<Arc<Issuer>>,
    /// Its tokens for the person at the terminal.
    pub tokens: Option<Tokens>,
    /// The DynamoDB API.
    pub dynamodb_url: String,
    /// The table.
    pub table: String,
    /// The dead letters' table.
    pub dead_letters_table: String,
    /// The index table.
    pub index_table: String,
    /// The default topic.
    pub topic: String,
    /// The topics that the messages are on.
    pub topics: Topics,
    /// The Kafka cluster.
    pub kafka: Kafka,
    /// The settings of a connection to it.
    pub kafka_settings: KafkaSettings,
    /// The tasks that invoke functions without a caller. They end before the functions.
    _triggers: JoinSet<()>,
    /// The functions' processes.
    pub functions: Functions,
    /// The failed invocations by the event source mapping of each function.
    pub failed_invocations: BTreeMap<String, FailedInvocations>,
    _api: HttpApi,
    _lambda: LambdaApi,
    _dynamodb: Option<EmbeddedDynamodb>,
}

impl Stack {
    /// Builds the functions and starts everything.
    pub async fn start(options: Options) -> Result<Self> {
        fs::create_dir_all(&options.log_dir).context("creating the log folder")?;
        let settings = settings(&options)?;
        let (table, mut kafka_settings) =
            (settings.table().context("settings")?, settings.kafka().context("settings")?);
        let dead_letters_table = settings.dead_letters().context("settings")?.table_name;
        let index_table = settings.index().context("settings")?.table_name;
        // The functions read them alone, and would end at their start.
        let messages = Messages::new(settings.messages().context("settings")?);
        check_security(&options, &kafka_settings)?;
        let template = Template::load()?;
        options.progress.begin(Stage::Build);
        let programs = functions::programs(&template, options.programs.as_deref()).await?;

        options.progress.begin(Stage::Lambda);
        let (listener, address) = ports::listen(options.api_port, "--api-port")?;
        let api_url = format!("http://{address}");
        let names: Vec<_> = functions::environments(&template, options.execution_environments)
            .flat_map(|(_, names)| names)
            .collect();
        let lambda = LambdaApi::start(&names, &options.log_dir.join("cargo-lambda")).await?;

        options.progress.begin(Stage::Dynamodb);
        let (dynamodb, dynamodb_url) = dynamodb(&options)?;
        let sdk_config = table::sdk_config(&dynamodb_url).await;
        table::ensure(&sdk_config, &table.name, &template.table).await?;
        table::ensure(&sdk_config, &dead_letters_table, &template.dead_letters_table).await?;
        table::ensure(&sdk_config, &index_table, &template.index_table).await?;
        let stream_arn = table::stream(&sdk_config, &table.name).await?;

        options.progress.begin(Stage::Kafka);
        let topics = messages.fixed_topics().into_iter().map(|(topic, _)| topic).collect();
        let kafka = kafka(&options, topics, kafka_settings.default_topic_partitions).await?;
        kafka_settings.brokers =
            kafka.brokers().parse().map_err(|rule| Error::new(format!("--kafka-brokers {rule}")))?;

        options.progress.begin(Stage::Functions);
        let mut variables = variables(&dynamodb_url, &api_url, &kafka_settings);
        variables.extend(options.environment.clone());
        let functions = Functions::start(&template, &programs, &lambda.url(), &variables, &options)?;
        let (activity, is_active) = watch::channel(());
        let environments =
            functions.execution_environments(&template, options.execution_environments, activity)?;
        let issuer = match options.auth {
            Auth::None => None,
            Auth::Jwt => Some(Arc::new(Issuer::new(&api_url)?)),
        };
        let make_tokens = |issuer: &Arc<Issuer>| Tokens::make(issuer, &template.routes, &options.log_dir);
        let tokens = issuer.as_ref().map(make_tokens).transpose()?;
        let invoker = Invoker::new(lambda.url(), environments);
        let front = Front::new(&template, &options, address.to_string(), issuer.as_deref(), invoker);
        let metrics = Metrics::new(&template, &options.log_dir);
        let api = HttpApi::start(listener, front, issuer.clone(), metrics)?;
        let mapped = template.mappings.iter();
        let failed_invocations: BTreeMap<_, _> =
            mapped.map(|(function, _)| (function.clone(), FailedInvocations::default())).collect();
        let client = aws_sdk_dynamodbstreams::Client::new(&sdk_config);
        let stream = Stream { client, arn: stream_arn, activity: is_active };
        let triggers =
            triggers::start(&options, template, &stream, &api_url, &functions, &failed_invocations)?;
        Ok(Self {
            api_url,
            issuer,
            tokens,
            dynamodb_url,
            table: table.name,
            dead_letters_table,
            index_table,
            topic: kafka_settings.default_topic.clone(),
            topics: messages.only_topic().map_or_else(Topics::all, |topic| Topics::from(&**topic)),
            kafka_settings,
            kafka,
            _triggers: triggers,
            functions,
            failed_invocations,
            _api: api,
            _lambda: lambda,
            _dynamodb: dynamodb,
        })
    }

    /// Invokes a function and returns its response.
    pub async fn invoke(&self, function: &str, payload: &serde_json::Value) -> Result<serde_json::Value> {
        lambda::invoke(&self.api_url, function, payload).await
    }
}

/// The functions' settings. Their own variables come before those of the caller.
fn settings(options: &Options) -> Result<Settings> {
    let own = options.environment.clone();
    let variable = move |name: &str| own.get(name).cloned().or_else(|| env::var(name).ok());
    let file = match variable(CONFIG_FILE).filter(|path| !path.is_empty()) {
        Some(path) => fs::read_to_string(&path).context(format!("reading {path} ({CONFIG_FILE})"))?,
        None => String::new(),
    };
    Settings::new(variable, &file).context("settings")
}

fn dynamodb(options: &Options) -> Result<(Option<EmbeddedDynamodb>, String)> {
    if let Some(endpoint) = &options.backends.dynamodb_endpoint {
        return Ok((None, endpoint.clone()));
    }
    let dynamodb = EmbeddedDynamodb::start(options.dynamodb_port, options.data_dir.as_deref())?;
    let url = dynamodb.url();
    Ok((Some(dynamodb), url))
}

/// A Kafka that `local` starts has no security, so functions with other settings could not connect to it.
fn check_security(options: &Options, settings: &KafkaSettings) -> Result<()> {
    let security = &settings.security;
    let is_plaintext = security.tls.is_none() && security.sasl.is_none();
    if is_plaintext || options.backends.kafka_brokers.is_some() {
        return Ok(());
    }
    Err(Error::new(format!(
        "XZEPR_KAFKA_SECURITY_PROTOCOL is {}, but the Kafka that `local` starts has no security: unset it, or name \
         your own brokers with --kafka-brokers",
        security.protocol()
    )))
}

async fn kafka(options: &Options, topics: BTreeSet<Arc<str>>, partitions: i32) -> Result<Kafka> {
    if let Some(brokers) = &options.backends.kafka_brokers {
        return Ok(Kafka::External(brokers.clone()));
    }
    if options.backends.apache_brokers == 0 {
        // -1 asks the brokers for their default; the embedded one has none.
        return Embedded::start(options.kafka_port, topics, partitions.max(1)).await.map(Kafka::Embedded);
    }
    let dir = options.data_dir.as_deref().unwrap_or(&options.log_dir).join("kafka");
    let brokers = options.backends.apache_brokers;
    let is_left_over = options.data_dir.is_none() && dir.exists();
    if is_left_over {
        fs::remove_dir_all(&dir).context("clearing the last run's Kafka data")?;
    }
    Apache::start(options.kafka_port, brokers, &dir).await.map(Kafka::Apache)
}

/// The functions' variables. The local DynamoDB API accepts any credentials. So if the connection to Kafka uses AWS
/// credentials, the functions keep the caller's own, which must be in the environment.
fn variables(dynamodb_url: &str, lambda_url: &str, kafka: &KafkaSettings) -> HashMap<String, String> {
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
