//! The system on Apache Kafka and the DynamoDB API as processes of their own, each after a proxy.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use end_to_end::{DynamodbApi, DynamodbProxy, FaultyProxy, Mode, SchemaRegistryServer};
use local::{Backends, Options, Stack, kafka::Apache, samples};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{task::block_in_place, time::sleep};

use crate::{
    callers::{self, Api, Callers, Ledger},
    recorder::Recorder,
    scale::Scale,
    setup::{Setup, TOPIC},
};

/// How many POSTs each function handles at the same time.
const EXECUTION_ENVIRONMENTS: usize = 3;

/// The system, its back ends and the state of the current row. The parts end from top to bottom.
pub(crate) struct Bench {
    pub(crate) stack: Stack,
    pub(crate) api: Api,
    pub(crate) receiver: String,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) recorder: Recorder,
    pub(crate) schema_registry: Option<SchemaRegistryServer>,
    pub(crate) kafka: Apache,
    pub(crate) kafka_proxy: Option<FaultyProxy>,
    pub(crate) table_proxy: FaultyProxy,
    conflicts: Option<DynamodbProxy>,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    /// How many dead letters the current row makes.
    pub(crate) expected_dead_letters: usize,
    /// The dead letters of the rows before.
    pub(crate) known_dead_letters: HashSet<String>,
    began: String,
    _dynamodb_api: DynamodbApi,
    _dir: TempDir,
}

impl Bench {
    pub(crate) async fn start(setup: Setup, scale: Scale) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (kafka, kafka_proxy) = setup.start_kafka(&dir).await;
        let brokers = kafka_proxy
            .as_ref()
            .map_or_else(|| kafka.brokers(), |proxy| format!("127.0.0.1:{}", proxy.port()));
        let dynamodb_api = DynamodbApi::process(dir.path()).await;
        let conflicts = match setup {
            Setup::Gates => Some(DynamodbProxy::start(dynamodb_api.url()).await),
            _ => None,
        };
        let table_url = conflicts.as_ref().map_or_else(|| dynamodb_api.url().to_owned(), DynamodbProxy::url);
        let table_proxy = FaultyProxy::start(&table_url).await;
        let rate = if setup == Setup::ShortRecordAge { 1000 } else { scale.replay_rate };
        let schema_registry = setup.start_schema_registry(&kafka, &dir).await;
        let mut environment = HashMap::from([
            ("XZEPR_REPLAY_MAX_EVENTS_PER_SECOND".to_owned(), rate.to_string()),
            ("XZEPR_REPLAY_LEASE_SECONDS".to_owned(), Setup::REPLAY_LEASE.as_secs().to_string()),
        ]);
        environment.extend(setup.routes().map(|routes| ("XZEPR_ROUTES".to_owned(), routes.to_string())));
        let url = schema_registry.as_ref().map(SchemaRegistryServer::url);
        environment.extend(url.map(|url| ("XZEPR_SCHEMA_REGISTRY_URL".to_owned(), url)));
        let stack = Stack::start(Options {
            backends: Backends {
                dynamodb_endpoint: Some(table_proxy.url()),
                kafka_brokers: Some(brokers),
                ..Backends::default()
            },
            log_dir: dir.path().join("logs"),
            execution_environments: EXECUTION_ENVIRONMENTS,
            environment,
            resume_replays_every: Some(Setup::RESUME_EVERY),
            maximum_record_age: (setup == Setup::ShortRecordAge).then_some(Setup::RECORD_AGE),
            ..Options::default()
        })
        .await
        .unwrap();
        let recorder = block_in_place(|| Recorder::start(&kafka.brokers(), TOPIC));
        let receiver =
            samples::post(&stack.api_url, "/api/v1/event-receivers", &samples::receiver()).await.unwrap();
        let sdk_config = local::sdk_config(dynamodb_api.url()).await;
        Self {
            api: Api::new(stack.api_url.clone()),
            stack,
            receiver,
            ledger: Arc::default(),
            recorder,
            schema_registry,
            kafka,
            kafka_proxy,
            table_proxy,
            conflicts,
            dynamodb: aws_sdk_dynamodb::Client::new(&sdk_config),
            expected_dead_letters: 0,
            known_dead_letters: HashSet::new(),
            began: now().await,
            _dynamodb_api: dynamodb_api,
            _dir: dir,
        }
    }

    /// Begins a new row: its events are those from now on.
    pub(crate) async fn begin(&mut self) {
        self.began = now().await;
        self.ledger = Arc::default();
        self.expected_dead_letters = 0;
    }

    /// The time at which the row began.
    pub(crate) fn began(&self) -> &str {
        &self.began
    }

    /// Starts callers that post each event once.
    pub(crate) fn load(&self) -> Callers {
        self.load_of(self.receiver.clone(), false)
    }

    /// Starts callers that post each event with a key until it is accepted.
    pub(crate) fn load_with_retries(&self) -> Callers {
        self.load_of(self.receiver.clone(), true)
    }

    fn load_of(&self, receiver: String, retries: bool) -> Callers {
        Callers::start(&self.api, move || callers::event(&receiver), &self.ledger, callers::EVERY, retries)
    }

    /// Changes how the connections between the functions and the broker are treated.
    pub(crate) fn connection(&self, mode: Mode) {
        self.kafka_proxy.as_ref().unwrap().set(mode);
    }

    /// The proxy that lets transactions conflict.
    pub(crate) fn conflicts(&self) -> &DynamodbProxy {
        self.conflicts.as_ref().unwrap()
    }

    /// Invokes a function of the system, which must succeed.
    pub(crate) async fn invoke(&self, function: &str, payload: Value) -> Value {
        self.stack.invoke(function, &payload).await.unwrap()
    }

    /// The lines that a function has logged so far.
    pub(crate) fn log(&self, function: &str) -> String {
        self.stack.functions.log(function).unwrap()
    }
}

/// A time after everything that happened so far, RFC 3339. Times have a resolution of a millisecond.
pub(crate) async fn now() -> String {
    sleep(Duration::from_millis(2)).await;
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}
