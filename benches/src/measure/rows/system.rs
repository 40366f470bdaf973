//! The whole system of `local` with the release builds of the functions.

use std::{
    collections::{HashMap, HashSet},
    sync::PoisonError,
    time::{Duration, Instant},
};

use local::{
    Backends, Context, Deliveries, Error, Options, Result, Stack, samples,
    topic::{Reader, Record, StartAt},
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::sleep;

use crate::measure::{
    Bench,
    inputs::{PAYLOAD_BYTES, requests, sample_body},
};

pub(super) const PUBLISHER: &str = "publish-events";
pub(super) const INDEXER: &str = "index-events";

/// How many POSTs create-event handles at the same time.
const EXECUTION_ENVIRONMENTS: usize = 4;

/// More requests a second than any row makes, so that the stage of the API refuses none.
const REQUESTS_PER_SECOND: u32 = 10_000;

/// All messages must come within this time after the last POST.
const ARRIVE_WITHIN: Duration = Duration::from_secs(60);

/// The time without a message after which the topic has no more.
const QUIET: Duration = Duration::from_secs(3);

/// The running system. It ends when this is dropped.
pub(super) struct System {
    stack: Stack,
    deliveries: Deliveries,
    http: reqwest::Client,
    _dir: TempDir,
}

/// A caller of the API.
#[derive(Clone)]
pub(super) struct Caller {
    http: reqwest::Client,
    url: String,
}

/// An event that was posted.
#[derive(Debug)]
pub(super) struct Post {
    pub(super) id: String,
    /// When it was due.
    pub(super) sent: Instant,
    pub(super) responded: Instant,
}

/// The first successful invocation of each mapped function with each event.
pub(super) struct Invocations(HashMap<(String, String), Invocation>);

/// The times of an invocation, as its event source mapping sees them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Invocation {
    pub(super) began: Instant,
    /// When the response came. That of publish-events follows the acknowledgement of the last message.
    pub(super) ended: Instant,
    /// The records of its batch.
    pub(super) records: usize,
}

impl System {
    /// Starts it on the Kafka of the command line, or on the embedded one.
    pub(super) async fn start(bench: &Bench) -> Result<Self> {
        let dir = tempfile::tempdir().context("making a folder")?;
        let deliveries = Deliveries::default();
        let stack = Stack::start(Options {
            backends: Backends { kafka_brokers: bench.brokers.clone(), ..Backends::default() },
            log_dir: dir.path().to_owned(),
            execution_environments: EXECUTION_ENVIRONMENTS,
            requests_per_second: Some(REQUESTS_PER_SECOND),
            request_burst: Some(REQUESTS_PER_SECOND),
            environment: HashMap::from([("AWS_LAMBDA_LOG_FORMAT".to_owned(), "JSON".to_owned())]),
            programs: Some(bench.programs.dir()),
            deliveries: Some(deliveries.clone()),
            ..Options::default()
        })
        .await?;
        Ok(Self { stack, deliveries, http: reqwest::Client::new(), _dir: dir })
    }

    /// A caller. All callers share their connections.
    pub(super) fn caller(&self) -> Caller {
        Caller { http: self.http.clone(), url: format!("{}/api/v1/events", self.stack.api_url) }
    }

    /// Declares a receiver with this name. Returns the body of an event for it.
    pub(super) async fn event_of_receiver(&self, name: &str) -> Result<Value> {
        let mut receiver = sample_body("create-event-receiver")?;
        receiver["name"] = name.into();
        let id = samples::post(&self.stack.api_url, "/api/v1/event-receivers", &receiver).await?;
        let mut event = requests::event(PAYLOAD_BYTES)?;
        event["event_receiver_id"] = id.into();
        Ok(event)
    }

    /// Creates a group of the receiver of this event.
    pub(super) async fn create_group(&self, event: &Value) -> Result<()> {
        let mut group = samples::group("");
        group["event_receiver_ids"] = json!([event["event_receiver_id"]]);
        samples::post(&self.stack.api_url, "/api/v1/event-receiver-groups", &group).await.map(drop)
    }

    /// Waits until the publisher has had all of these events.
    pub(super) async fn await_published(&self, posts: &[Post]) -> Result<()> {
        let until = Instant::now() + ARRIVE_WITHIN;
        loop {
            let missing = {
                let deliveries = self.deliveries.lock().unwrap_or_else(PoisonError::into_inner);
                let published = deliveries.iter().filter(|delivered| delivered.function == PUBLISHER);
                let published: HashSet<_> = published.flat_map(|delivered| &delivered.sort_keys).collect();
                posts.iter().filter(|post| !published.contains(&post.id)).count()
            };
            if missing == 0 {
                return Ok(());
            }
            if Instant::now() > until {
                return Err(Error::new(format!("{missing} events were not published")));
            }
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// The invocations so far.
    pub(super) fn invocations(&self) -> Invocations {
        let deliveries = self.deliveries.lock().unwrap_or_else(PoisonError::into_inner);
        let mut invocations = HashMap::new();
        for delivered in deliveries.iter() {
            let invocation = Invocation {
                began: delivered.began,
                ended: delivered.ended,
                records: delivered.sort_keys.len(),
            };
            for id in &delivered.sort_keys {
                invocations.entry((delivered.function.clone(), id.clone())).or_insert(invocation);
            }
        }
        Invocations(invocations)
    }

    /// The messages on the topic. All of these events must have one.
    pub(super) async fn messages(&self, posts: &[Post]) -> Result<Vec<Record>> {
        let (brokers, topic) = (self.stack.kafka.brokers(), self.stack.topic.clone());
        let read = move || {
            let reader = Reader::open(&brokers, &*topic, StartAt::Beginning)?;
            Ok(std::iter::from_fn(|| reader.next(QUIET)).collect())
        };
        let messages: Vec<Record> =
            tokio::task::spawn_blocking(read).await.context("reading the topic")??;
        let keys: HashSet<_> = messages.iter().map(|message| &message.key).collect();
        match posts.iter().filter(|post| !keys.contains(&post.id)).count() {
            0 => Ok(messages),
            missing => Err(Error::new(format!("{missing} messages are not on the topic"))),
        }
    }
}

impl Caller {
    /// Posts an event that was due at this time. `None` if the API refuses it, as it does when too many others wait.
    pub(super) async fn post(&self, event: &Value, due: Instant) -> Result<Option<Post>> {
        let response = self.http.post(&self.url).json(event).send().await.context("posting an event")?;
        if response.status() != 200 {
            return Ok(None);
        }
        let body: Value = response.json().await.context("posting an event")?;
        let id = body["data"].as_str().ok_or_else(|| Error::new("the response to a POST has no id"))?;
        Ok(Some(Post { id: id.to_owned(), sent: due, responded: Instant::now() }))
    }

    /// Posts an event that must be accepted.
    pub(super) async fn post_accepted(&self, event: &Value) -> Result<Post> {
        self.post(event, Instant::now()).await?.ok_or_else(|| Error::new("the POST of an event was refused"))
    }
}

impl Invocations {
    /// The first invocation of a function with an event.
    pub(super) fn of(&self, function: &str, id: &str) -> Result<Invocation> {
        let invocation = self.0.get(&(function.to_owned(), id.to_owned())).copied();
        invocation.ok_or_else(|| Error::new(format!("{function} was not invoked with event {id}")))
    }
}

/// The time between two moments in milliseconds. It is negative if the second one came first.
pub(super) fn milliseconds(from: Instant, to: Instant) -> f64 {
    let (after, before) = (to.saturating_duration_since(from), from.saturating_duration_since(to));
    (after.as_secs_f64() - before.as_secs_f64()) * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_an_earlier_moment_is_negative() {
        let first = Instant::now();
        let second = first + Duration::from_millis(3);
        assert!((milliseconds(first, second) - 3.0).abs() < 1e-9);
        assert!((milliseconds(second, first) + 3.0).abs() < 1e-9);
    }
}
