//! The system under test, seen from outside: HTTP in, topic out.

use std::{
    collections::HashMap,
    env,
    sync::Mutex,
    time::{Duration, Instant},
};

use aws_sdk_dynamodb::types::AttributeValue;
use local::{
    Backends, Options, Stack, samples,
    topic::{Reader, Record, StartAt},
};
use rdkafka::{
    ClientConfig,
    producer::{FutureProducer, FutureRecord},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio::task::block_in_place;

use crate::{FaultyProxy, dynamodb_api::DynamodbApi};

/// Longer than the publisher's timeout: a message may wait for an invocation that has to end first.
const ARRIVES_WITHIN: Duration = Duration::from_secs(90);

/// Longer than a create function's timeout.
const ANSWERS_WITHIN: Duration = Duration::from_secs(20);

/// The running system and a reader of its topic.
pub struct System {
    /// The system's parts, for faults.
    pub stack: Stack,
    /// A DynamoDB client that no fault touches.
    pub dynamodb: aws_sdk_dynamodb::Client,
    reader: Mutex<Reader>,
    http: reqwest::Client,
    _api: DynamodbApi,
    _dir: TempDir,
}

/// What the system stands on; the folder goes last.
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

/// How many brokers of Apache Kafka the environment asks for; 0 for the embedded back ends.
fn apache_brokers() -> usize {
    env::var("XZEPR_TEST_APACHE_BROKERS").map_or(0, |brokers| brokers.parse().expect("1 or 3"))
}

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// The headers that tests look at.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: Value,
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
            log_dir: dir.path().join("logs"),
            // Requests meet as they do on Lambda.
            execution_environments: 3,
            // A replay starts at once; a test that waits for the schedule shortens it.
            resume_replays_every: Some(Duration::from_secs(3600)),
            ..Options::default()
        };
        change(&mut options);
        let stack = Stack::start(options).await.unwrap();
        let reader =
            block_in_place(|| Reader::open(&stack.kafka.brokers(), &stack.topic, StartAt::Beginning))
                .unwrap();
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&local::sdk_config(api.url()).await),
            stack,
            reader: Mutex::new(reader),
            http: reqwest::Client::builder().timeout(ANSWERS_WITHIN).build().unwrap(),
            _api: api,
            _dir: dir,
        }
    }

    /// Posts a body as it is.
    pub async fn post(&self, path: &str, body: impl Into<reqwest::Body>) -> Answer {
        self.send(self.http.post(format!("{}{path}", self.stack.api_url)).body(body)).await
    }

    /// Posts a body with an `Idempotency-Key`.
    pub async fn post_with_key(&self, path: &str, body: &Value, key: &str) -> Answer {
        self.post_with_keys(path, body, &[key]).await
    }

    /// Posts a body with several headers `Idempotency-Key`.
    pub async fn post_with_keys(&self, path: &str, body: &Value, keys: &[&str]) -> Answer {
        let request = self.http.post(format!("{}{path}", self.stack.api_url));
        let request = keys.iter().fold(request, |request, key| request.header("idempotency-key", *key));
        self.send(request.body(body.to_string())).await
    }

    /// Posts bytes under a type that the HTTP front end hands on as base64.
    pub async fn post_bytes(&self, path: &str, body: Vec<u8>) -> Answer {
        let request = self.http.post(format!("{}{path}", self.stack.api_url));
        self.send(request.header("content-type", "application/octet-stream").body(body)).await
    }

    /// Sends a DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.send(self.http.delete(format!("{}{path}", self.stack.api_url))).await
    }

    /// Sends a GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.http.get(format!("{}{path}", self.stack.api_url))).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Answer {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let headers = response
            .headers()
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
            .collect();
        let body = response.bytes().await.unwrap();
        let body = serde_json::from_slice(&body).unwrap_or_else(|_| panic!("not JSON: {body:?}"));
        Answer { status, headers, body }
    }

    /// Posts a body that must be accepted, and returns the new id.
    pub async fn create(&self, path: &str, body: &Value) -> String {
        let answer = self.post(path, body.to_string()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body["data"].as_str().unwrap().to_owned()
    }

    /// Creates the sample receiver.
    pub async fn create_receiver(&self) -> String {
        self.create("/api/v1/event-receivers", &samples::receiver()).await
    }

    /// Creates sample events of a receiver.
    pub async fn create_events(&self, receiver: &str, count: usize) -> Vec<String> {
        let mut ids = Vec::with_capacity(count);
        for _ in 0..count {
            ids.push(self.create("/api/v1/events", &samples::event(receiver)).await);
        }
        ids
    }

    /// Reads the topic until all of these ids have arrived; returns the records of each.
    pub fn await_messages(&self, ids: &[String]) -> HashMap<String, Vec<Record>> {
        let mut arrived: HashMap<String, Vec<Record>> = HashMap::new();
        let until = Instant::now() + ARRIVES_WITHIN;
        let reader = self.reader.lock().unwrap();
        block_in_place(|| {
            while !ids.iter().all(|id| arrived.contains_key(id)) {
                let missing = ids.iter().filter(|id| !arrived.contains_key(*id)).count();
                let left = until.saturating_duration_since(Instant::now());
                let record = reader.next(left).unwrap_or_else(|| panic!("{missing} messages did not arrive"));
                arrived.entry(record.key.clone()).or_default().push(record);
            }
        });
        arrived
    }

    /// The next messages of the topic, as many as asked for.
    pub fn next_messages(&self, count: usize) -> Vec<Record> {
        let reader = self.reader.lock().unwrap();
        block_in_place(|| {
            (0..count).map(|_| reader.next(ARRIVES_WITHIN).expect("a message did not arrive")).collect()
        })
    }

    /// A message that arrives soon, where none is expected.
    pub fn unexpected_message(&self) -> Option<Record> {
        let reader = self.reader.lock().unwrap();
        block_in_place(|| reader.next(Duration::from_secs(2)))
    }

    /// The present time, RFC 3339.
    pub fn now(&self) -> String {
        chrono::Utc::now().to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
    }

    /// Sends a record to the topic past the publisher.
    pub async fn produce(&self, key: &str, value: &str) {
        let producer: FutureProducer =
            ClientConfig::new().set("bootstrap.servers", self.stack.kafka.brokers()).create().unwrap();
        let record = FutureRecord::to(&self.stack.topic).key(key).payload(value);
        producer.send(record, ARRIVES_WITHIN).await.unwrap();
    }

    /// The partition and sort keys of everything in the table.
    pub async fn keys(&self) -> Vec<(String, String)> {
        let output =
            self.dynamodb.scan().table_name(&self.stack.table).consistent_read(true).send().await.unwrap();
        let text = |value: &AttributeValue| value.as_s().unwrap().clone();
        let mut keys: Vec<_> =
            output.items().iter().map(|item| (text(&item["pk"]), text(&item["sk"]))).collect();
        keys.sort();
        keys
    }

    /// The item of an event.
    pub async fn item_of(&self, id: &str) -> HashMap<String, AttributeValue> {
        let keys = self.keys().await;
        let (partition, sort) = keys.into_iter().find(|(_, sort)| sort == id).unwrap();
        let request = self.dynamodb.get_item().table_name(&self.stack.table);
        let request = request.key("pk", AttributeValue::S(partition)).key("sk", AttributeValue::S(sort));
        request.send().await.unwrap().item.unwrap()
    }

    /// Puts an item into the table past every check.
    pub async fn put_raw(&self, item: HashMap<String, AttributeValue>) {
        self.dynamodb.put_item().table_name(&self.stack.table).set_item(Some(item)).send().await.unwrap();
    }
}
