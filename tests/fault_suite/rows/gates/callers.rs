//! Callers that post events for many artifacts, and log each accepted one.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use end_to_end::{GateLog, LoggedEvent, artifact};
use local::samples;
use serde_json::Value;
use tokio::{task::JoinSet, time::sleep};

use crate::{
    bench::Bench,
    callers::{Api, Ledger},
    gate_topic::now,
};

/// How many artifacts there are.
pub(crate) const ARTIFACTS: usize = 200;

/// How many callers post at the same time.
const CALLERS: usize = 16;

/// One of this many events has failed. A group of three receivers is then complete about half of the time.
const ONE_FAILS_OF: usize = 5;

/// How events are posted.
#[derive(Clone)]
pub(crate) struct Posting {
    pub(crate) receivers: Vec<String>,
    pub(crate) log: Arc<Mutex<GateLog>>,
}

impl Posting {
    /// Posts so many events of random receivers for random artifacts.
    pub(crate) async fn post(&self, bench: &Bench, events: usize) {
        let bodies = (0..events).map(|_| {
            let receiver = &self.receivers[fastrand::usize(..self.receivers.len())];
            body(receiver, fastrand::usize(..ARTIFACTS))
        });
        self.post_all(bench, bodies.collect()).await;
    }

    /// Posts one event for each artifact, of one of these receivers.
    pub(crate) async fn post_for_each_artifact(&self, bench: &Bench, receivers: &[String]) {
        let body = |artifact| body(&receivers[fastrand::usize(..receivers.len())], artifact);
        self.post_all(bench, (0..ARTIFACTS).map(body).collect()).await;
    }

    async fn post_all(&self, bench: &Bench, mut bodies: Vec<Value>) {
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let own = bodies.split_off(bodies.len() - bodies.len() / (CALLERS - caller));
            let (api, ledger, log) = (bench.api.clone(), Arc::clone(&bench.ledger), Arc::clone(&self.log));
            let seed = fastrand::u64(..);
            callers.spawn(async move {
                fastrand::seed(seed);
                for body in own {
                    post(&api, &ledger, &log, &body).await;
                }
            });
        }
        while let Some(ended) = callers.join_next().await {
            ended.unwrap();
        }
    }
}

fn body(receiver: &str, artifact: usize) -> Value {
    let mut body = samples::event(receiver);
    body["release"] = artifact.to_string().into();
    body["success"] = (fastrand::usize(..ONE_FAILS_OF) > 0).into();
    body
}

/// Posts an event until it is accepted. Half of the callers send an `Idempotency-Key`, which makes every POST a
/// transaction. A refused POST has stored nothing: the only fault of this row's table is a conflict, before the write.
async fn post(api: &Api, ledger: &Ledger, log: &Mutex<GateLog>, body: &Value) {
    let key = fastrand::bool().then(|| ulid::Ulid::generate().to_string());
    loop {
        match api.post(body, key.as_deref()).await {
            Ok(id) => {
                let receiver = body["event_receiver_id"].as_str().unwrap().to_owned();
                let success = body["success"].as_bool().unwrap();
                let event = LoggedEvent {
                    id: id.clone(),
                    receiver,
                    artifact: artifact(body),
                    success,
                    responded: now(),
                };
                log.lock().unwrap().events.push(event);
                return ledger.accept(id);
            }
            Err(refusal) => {
                let has_response = refusal.starts_with("503");
                ledger.refuse(refusal);
                if !has_response && key.is_none() {
                    // Nobody knows whether the event is stored.
                    log.lock().unwrap().uncertain.insert(artifact(body));
                    return;
                }
            }
        }
        // The pause of a caller between two attempts, not a wait of the test.
        sleep(Duration::from_millis(100)).await;
    }
}
