//! The system on Apache Kafka and the DynamoDB API as processes of their own, each behind a proxy.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use end_to_end::{DynamodbApi, FaultyProxy, Mode};
use local::{
    Backends, Options, Stack,
    kafka::{Apache, Proxied},
    ports, samples,
};
use rdkafka::{
    ClientConfig,
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{process::Command, task::block_in_place, time::sleep};

use crate::{
    callers::{Api, Callers, Ledger},
    figures::Figures,
    recorder::Recorder,
    scale::Scale,
};

const TOPIC: &str = "xzepr.dev.events";

/// The topic's `max.message.bytes`: an event can be accepted that is larger.
pub(crate) const MAX_MESSAGE_BYTES: usize = 100_000;

/// How many posts are answered at the same time.
const EXECUTION_ENVIRONMENTS: usize = 3;

/// How long what was accepted may take to arrive once a fault is over: an invocation that hangs ends after
/// 60 s, and the mapping waits before it tries again.
const ARRIVES_WITHIN: Duration = Duration::from_secs(180);

/// What runs under the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Setup {
    OneBroker,
    /// Replication factor 3, `min.insync.replicas` 2.
    ThreeBrokers,
    /// One broker, and a mapping that gives records up after seconds.
    ShortRecordAge,
}

impl Setup {
    /// The age at which [`Setup::ShortRecordAge`] gives records up.
    pub(crate) const RECORD_AGE: Duration = Duration::from_secs(5);

    /// How long a replay is its invocation's after that has died, in place of 30 s.
    pub(crate) const REPLAY_LEASE: Duration = Duration::from_secs(3);

    /// How often replays are resumed, in place of a minute.
    pub(crate) const RESUME_EVERY: Duration = Duration::from_secs(2);
}

/// The system, its back ends and what is known of the row at work. Parts end from top to bottom.
pub(crate) struct Bench {
    pub(crate) stack: Stack,
    pub(crate) api: Api,
    pub(crate) receiver: String,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) recorder: Recorder,
    pub(crate) kafka: Apache,
    pub(crate) kafka_proxy: Option<FaultyProxy>,
    pub(crate) table_proxy: FaultyProxy,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    /// How many dead letters the row at work makes.
    pub(crate) expected_dead_letters: usize,
    began: String,
    known_dead_letters: HashSet<String>,
    _dynamodb_api: DynamodbApi,
    _dir: TempDir,
}

impl Bench {
    pub(crate) async fn start(setup: Setup, scale: Scale) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (kafka, kafka_proxy) = kafka(setup, &dir).await;
        let brokers = kafka_proxy
            .as_ref()
            .map_or_else(|| kafka.brokers(), |proxy| format!("127.0.0.1:{}", proxy.port()));
        create_topic(&kafka.brokers(), setup).await;
        let dynamodb_api = DynamodbApi::process(dir.path()).await;
        let table_proxy = FaultyProxy::start(dynamodb_api.url()).await;
        let rate = if setup == Setup::ShortRecordAge { 1000 } else { scale.replay_rate };
        let stack = Stack::start(Options {
            backends: Backends {
                dynamodb_endpoint: Some(table_proxy.url()),
                kafka_brokers: Some(brokers),
                ..Backends::default()
            },
            log_dir: dir.path().join("logs"),
            execution_environments: EXECUTION_ENVIRONMENTS,
            environment: HashMap::from([
                ("XZEPR_REPLAY_MAX_EVENTS_PER_SECOND".to_owned(), rate.to_string()),
                ("XZEPR_REPLAY_LEASE_SECONDS".to_owned(), Setup::REPLAY_LEASE.as_secs().to_string()),
            ]),
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
            kafka,
            kafka_proxy,
            table_proxy,
            dynamodb: aws_sdk_dynamodb::Client::new(&sdk_config),
            expected_dead_letters: 0,
            began: now(),
            known_dead_letters: HashSet::new(),
            _dynamodb_api: dynamodb_api,
            _dir: dir,
        }
    }

    /// A new row: its events are those from now on.
    pub(crate) async fn begin(&mut self) {
        sleep(Duration::from_millis(2)).await;
        self.began = now();
        self.ledger = Arc::default();
        self.expected_dead_letters = 0;
    }

    /// The time at which the row began.
    pub(crate) fn began(&self) -> &str {
        &self.began
    }

    /// Puts load on; each event is posted once.
    pub(crate) fn load(&self) -> Callers {
        Callers::start(&self.api, &self.receiver, &self.ledger, false)
    }

    /// Puts load on; each event is posted with a key until it is accepted.
    pub(crate) fn load_with_retries(&self) -> Callers {
        Callers::start(&self.api, &self.receiver, &self.ledger, true)
    }

    /// Changes what happens between the functions and the broker.
    pub(crate) fn connection(&self, mode: Mode) {
        self.kafka_proxy.as_ref().unwrap().set(mode);
    }

    /// Invokes a function of the system; it must succeed.
    pub(crate) async fn invoke(&self, function: &str, payload: Value) -> Value {
        self.stack.invoke(function, &payload).await.unwrap()
    }

    /// What `local reconcile` says of the row's time.
    pub(crate) async fn reconcile(&self) -> Value {
        let (succeeded, report) = self.local(&["reconcile", "--start", &self.began, "--end", &now()]).await;
        assert_eq!(succeeded, report["missing"]["count"] == 0, "the exit status says whether one is missing");
        report
    }

    /// Runs the command line, as an operator does; whether it succeeded, and what it printed.
    async fn local(&self, arguments: &[&str]) -> (bool, Value) {
        let mut local = Command::new(local::program("local"));
        let output = local.args(arguments).args(["--api-url", &self.stack.api_url]).output().await.unwrap();
        let printed = serde_json::from_slice(&output.stdout);
        (output.status.success(), printed.unwrap_or_else(|_| panic!("{arguments:?}: {output:?}")))
    }

    /// The sort keys of the dead letters that were added in this row.
    pub(crate) async fn new_dead_letters(&self) -> HashSet<String> {
        let (_, list) = self.local(&["dead-letters", "list"]).await;
        let keys = list["dead_letters"].as_array().unwrap().iter();
        let keys = keys.map(|letter| letter["sk"].as_str().unwrap().to_owned());
        keys.filter(|key| !self.known_dead_letters.contains(key)).collect()
    }

    /// Waits until everything accepted has arrived or is a dead letter, then compares callers, table and
    /// topic.
    pub(crate) async fn reckon(&mut self) -> Figures {
        let until = Instant::now() + ARRIVES_WITHIN;
        let accepted = self.ledger.ids();
        let mut dead_letters = HashSet::new();
        while self.recorder.missing(accepted.iter().filter(|id| !dead_letters.contains(*id)).cloned()) > 0
            && Instant::now() < until
        {
            sleep(Duration::from_millis(200)).await;
            dead_letters = self.new_dead_letters().await;
        }
        dead_letters = self.new_dead_letters().await;
        // Also what was stored without an answer has to arrive.
        let (report, missing) = loop {
            let report = self.reconcile().await;
            let missing = report["missing"]["ids"].as_array().unwrap().iter();
            let missing = missing.filter(|id| !dead_letters.contains(id.as_str().unwrap())).count();
            if missing == 0 || Instant::now() > until {
                break (report, missing);
            }
            sleep(Duration::from_millis(500)).await;
        };
        let accepted = self.ledger.accepted.lock().unwrap();
        let stall = |(id, answered): (&String, &Instant)| {
            Some(self.recorder.of(id)?.first.saturating_duration_since(*answered))
        };
        let is_lost = |id: &&String| self.recorder.of(id).is_none() && !dead_letters.contains(*id);
        let figures = Figures {
            accepted: accepted.len(),
            refusals: self.ledger.refusals.lock().unwrap().clone(),
            published: report["published"].as_u64().unwrap(),
            doubled: report["doubled"]["count"].as_u64().unwrap(),
            dead_letters: dead_letters.len(),
            expected_dead_letters: self.expected_dead_letters,
            lost: accepted.keys().filter(is_lost).count().max(missing),
            invented: report["unknown"]["count"].as_u64().unwrap(),
            longest_stall: accepted.iter().filter_map(stall).max().unwrap_or_default(),
        };
        self.known_dead_letters.extend(dead_letters);
        figures
    }
}

/// The present time, RFC 3339.
pub(crate) fn now() -> String {
    chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

async fn kafka(setup: Setup, dir: &TempDir) -> (Apache, Option<FaultyProxy>) {
    let data = dir.path().join("kafka");
    if setup == Setup::ThreeBrokers {
        return (Apache::start(0, 3, &data).await.unwrap(), None);
    }
    let port = ports::free().unwrap();
    let proxy = FaultyProxy::start(&format!("127.0.0.1:{port}")).await;
    let proxied = Proxied { port, advertised_port: proxy.port() };
    (Apache::start_behind_proxy(proxied, &data).await.unwrap(), Some(proxy))
}

async fn create_topic(brokers: &str, setup: Setup) {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", brokers).create().unwrap();
    let replication = TopicReplication::Fixed(if setup == Setup::ThreeBrokers { 3 } else { 1 });
    let limit = MAX_MESSAGE_BYTES.to_string();
    let topic = NewTopic::new(TOPIC, 3, replication).set("max.message.bytes", &limit);
    let created = admin.create_topics([&topic], &AdminOptions::new()).await.unwrap();
    created.into_iter().next().unwrap().unwrap();
}
