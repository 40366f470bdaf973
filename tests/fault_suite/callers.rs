//! Callers that post events until they are stopped, and record the responses.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use end_to_end::eventually;
use local::samples;
use serde_json::{Value, json};
use tokio::{
    task::JoinSet,
    time::{MissedTickBehavior, interval, sleep},
};

/// How many callers post at the same time, and how often each. If responses come so fast, they post 250 a second.
const CALLERS: u64 = 5;
pub(crate) const EVERY: Duration = Duration::from_millis(20);

/// Longer than a create function's own timeout.
const RESPONDS_WITHIN: Duration = Duration::from_secs(12);

/// Longer than the longest fault in which callers wait for a success.
const ACCEPTED_WITHIN: Duration = Duration::from_secs(600);

/// The responses that the callers got.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// When each id came with a 200.
    pub(crate) accepted: Mutex<HashMap<String, Instant>>,
    /// How often there was another response, or none at all.
    pub(crate) refusals: Mutex<BTreeMap<String, u64>>,
}

impl Ledger {
    pub(crate) fn ids(&self) -> Vec<String> {
        self.accepted.lock().unwrap().keys().cloned().collect()
    }

    pub(crate) fn accept(&self, id: String) {
        self.accepted.lock().unwrap().insert(id, Instant::now());
    }

    pub(crate) fn refuse(&self, refusal: String) {
        *self.refusals.lock().unwrap().entry(refusal).or_default() += 1;
    }

    /// Waits until so many events are accepted in all.
    pub(crate) async fn await_accepted(&self, events: usize) {
        eventually(ACCEPTED_WITHIN, async || {
            let accepted = self.accepted.lock().unwrap().len();
            if accepted >= events {
                Ok(())
            } else {
                Err(format!("{accepted} of {events} events are accepted"))
            }
        })
        .await;
    }
}

/// The API as a caller has it.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    pub(crate) http: reqwest::Client,
    pub(crate) url: String,
}

impl Api {
    pub(crate) fn new(url: String) -> Self {
        Self { http: reqwest::Client::builder().timeout(RESPONDS_WITHIN).build().unwrap(), url }
    }

    /// Posts an event. Every response but 200 is an error.
    pub(crate) async fn post(&self, event: &Value, key: Option<&str>) -> Result<String, String> {
        let mut request = self.http.post(format!("{}/api/v1/events", self.url)).json(event);
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let no_response = |error: reqwest::Error| {
            if error.is_timeout() { "no response in time" } else { "no response" }.to_owned()
        };
        let response = request.send().await.map_err(no_response)?;
        let status = response.status();
        if status != 200 {
            return Err(status.to_string());
        }
        let body: Value = response.json().await.map_err(no_response)?;
        Ok(body["data"].as_str().unwrap().to_owned())
    }
}

/// Callers at work.
pub(crate) struct Callers {
    tasks: JoinSet<()>,
    is_over: Arc<AtomicBool>,
    ledger: Arc<Ledger>,
}

/// An event with a payload of a random length.
pub(crate) fn event(receiver: &str) -> Value {
    let mut event = samples::event(receiver);
    event["payload"] = json!({"commit": "c".repeat(fastrand::usize(7..400))});
    event
}

/// Text that does not compress to so many bytes: a topic's limit is one of the compressed batch.
pub(crate) fn random_text(bytes: usize) -> String {
    (0..bytes * 2).map(|_| fastrand::alphanumeric()).collect()
}

impl Callers {
    /// They post the events that `make` returns, each caller one in the time `every`. With `retries`, each event has an Idempotency-Key and is posted until
    /// the response is 200.
    pub(crate) fn start(
        api: &Api,
        make: impl Fn() -> Value + Clone + Send + 'static,
        ledger: &Arc<Ledger>,
        every: Duration,
        retries: bool,
    ) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for _ in 0..CALLERS {
            let (api, make) = (api.clone(), make.clone());
            let (ledger, is_over) = (Arc::clone(ledger), Arc::clone(&is_over));
            let seed = fastrand::u64(..);
            tasks.spawn(async move {
                fastrand::seed(seed);
                let mut interval = interval(every);
                interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
                while !is_over.load(Ordering::Relaxed) {
                    interval.tick().await;
                    let event = make();
                    if retries {
                        ledger.accept(post_until_accepted(&api, &event, &ledger).await);
                        continue;
                    }
                    match api.post(&event, None).await {
                        Ok(id) => ledger.accept(id),
                        Err(refusal) => ledger.refuse(refusal),
                    }
                }
            });
        }
        Self { tasks, is_over, ledger: Arc::clone(ledger) }
    }

    /// Lets them continue until so many events are accepted in all, then stops them.
    pub(crate) async fn stop_after(mut self, events: usize) {
        self.ledger.await_accepted(events).await;
        self.is_over.store(true, Ordering::Relaxed);
        while let Some(ended) = self.tasks.join_next().await {
            ended.unwrap();
        }
    }
}

/// Posts an event with a key until it is accepted, as a caller does that retries.
pub(crate) async fn post_until_accepted(api: &Api, event: &Value, ledger: &Ledger) -> String {
    let key = ulid::Ulid::generate().to_string();
    let until = Instant::now() + ACCEPTED_WITHIN;
    loop {
        match api.post(event, Some(&key)).await {
            Ok(id) => return id,
            Err(refusal) if Instant::now() > until => {
                panic!("not accepted within {ACCEPTED_WITHIN:?}: {refusal}")
            }
            Err(refusal) => ledger.refuse(refusal),
        }
        // The pause of a caller between two attempts, not a wait of the test.
        sleep(Duration::from_millis(100)).await;
    }
}
