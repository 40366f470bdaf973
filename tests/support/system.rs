//! The whole system, started for one test.

use std::{env, sync::Mutex, time::Duration};

use local::{
    Backends, Options, Stack,
    topic::{Reader, StartAt},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::{task::block_in_place, time::sleep};

use xzepr_settings::Format;

use crate::{
    DynamodbProxy, FaultyProxy, dynamodb_api::DynamodbApi, message_schema::MessageSchema, planted::check_logs,
};

/// Longer than a create function's timeout.
const RESPONDS_WITHIN: Duration = Duration::from_secs(20);

/// The folder of the functions' logs.
const LOGS: &str = "logs";

/// The running system and a reader of its topics.
pub struct System {
    /// The system's parts, for faults.
    pub stack: Stack,
    /// A DynamoDB client that no fault touches.
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) reader: Mutex<Reader>,
    pub(crate) message_schema: MessageSchema,
    pub(crate) http: reqwest::Client,
    _api: DynamodbApi,
    dir: TempDir,
}

/// The DynamoDB API, and the folder of its data, which is dropped last.
struct ApiAndDir {
    api: DynamodbApi,
    dir: TempDir,
}

impl ApiAndDir {
    async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let api = if apache_brokers() > 0 {
            DynamodbApi::process(dir.path()).await
        } else {
            DynamodbApi::embedded()
        };
        Self { api, dir }
    }
}

/// How many brokers of Apache Kafka the environment asks for, or 0 for the embedded back ends.
fn apache_brokers() -> usize {
    env::var("XZEPR_TEST_APACHE_BROKERS").map_or(0, |brokers| brokers.parse().expect("1 or 3"))
}

/// No test may make a function log a secret.
impl Drop for System {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            check_logs(&self.dir.path().join(LOGS));
        }
    }
}

impl System {
    /// Starts the system with the back ends that the environment asks for.
    pub async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// Starts the system with other options.
    pub async fn start_with(change: impl FnOnce(&mut Options)) -> Self {
        let backends = ApiAndDir::start().await;
        let endpoint = backends.api.url().to_owned();
        Self::start_on(backends, endpoint, change).await
    }

    /// Starts the system with a proxy between it and the DynamoDB API.
    pub async fn start_behind_proxy() -> (Self, FaultyProxy) {
        let backends = ApiAndDir::start().await;
        let proxy = FaultyProxy::start(backends.api.url()).await;
        (Self::start_on(backends, proxy.url(), |_| {}).await, proxy)
    }

    /// Starts the system with a proxy between it and the DynamoDB API that counts requests and injects conflicts.
    pub async fn start_measured() -> (Self, DynamodbProxy) {
        let backends = ApiAndDir::start().await;
        let proxy = DynamodbProxy::start(backends.api.url()).await;
        (Self::start_on(backends, proxy.url(), |_| {}).await, proxy)
    }

    async fn start_on(
        ApiAndDir { api, dir }: ApiAndDir,
        endpoint: String,
        change: impl FnOnce(&mut Options),
    ) -> Self {
        let mut options = Options {
            backends: Backends {
                dynamodb_endpoint: Some(endpoint),
                apache_brokers: apache_brokers(),
                ..Backends::default()
            },
            log_dir: dir.path().join(LOGS),
            // Several requests at the same time reach several processes, as on Lambda.
            execution_environments: 3,
            // A replay starts at once. A test that waits for the schedule shortens it.
            resume_replays_every: Some(Duration::from_secs(3600)),
            ..Options::default()
        };
        change(&mut options);
        let format =
            options.environment.get("XZEPR_FORMAT").map_or(Format::Xzepr, |format| format.parse().unwrap());
        let stack = Stack::start(options).await.unwrap();
        let reader =
            block_in_place(|| Reader::open(&stack.kafka.brokers(), stack.topics.clone(), StartAt::Beginning))
                .unwrap();
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&local::sdk_config(api.url()).await),
            stack,
            reader: Mutex::new(reader),
            message_schema: MessageSchema::of(format),
            http: reqwest::Client::builder().timeout(RESPONDS_WITHIN).build().unwrap(),
            _api: api,
            dir,
        }
    }

    /// Invokes a function, which must succeed, and returns its response.
    pub async fn invoke(&self, function: &str, payload: &Value) -> Value {
        self.stack.invoke(function, payload).await.unwrap()
    }

    /// The lines that a function has logged so far.
    pub fn log(&self, function: &str) -> String {
        self.stack.functions.log(function).unwrap()
    }

    /// A time after everything that happened so far, RFC 3339. A range that ends at it contains all of that.
    pub async fn now(&self) -> String {
        // Ranges have a resolution of a millisecond, and do not contain their end.
        sleep(Duration::from_millis(2)).await;
        chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
    }
}
