//! The receivers and groups of the row.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use end_to_end::{GateLog, LoggedGroup, LoggedPatch, eventually};
use local::samples;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{bench::Bench, gate_topic::now};

/// Longer than transactions conflict one after the other.
const ACCEPTED_WITHIN: Duration = Duration::from_secs(60);

/// The index of the group that PATCHes change.
const CHANGED: usize = 3;

pub(crate) struct Groups {
    pub(crate) receivers: Vec<String>,
    pub(crate) logged: Vec<LoggedGroup>,
}

impl Groups {
    pub(crate) async fn create(bench: &Bench) -> Self {
        let api_url = &bench.stack.api_url;
        let mut receivers = Vec::new();
        for number in 0..4 {
            let mut body = samples::receiver();
            body["version"] = number.to_string().into();
            receivers.push(samples::post(api_url, "/api/v1/event-receivers", &body).await.unwrap());
        }
        let shapes: [(&[usize], bool, bool); 4] = [
            (&[0, 1], false, false),
            (&[1, 2, 3], false, true),
            (&[0, 2], true, false),
            (&[0, 3], false, true),
        ];
        let mut logged = Vec::new();
        for (members, repeat, notify_incomplete) in shapes {
            let members: Vec<_> = members.iter().map(|member| receivers[*member].clone()).collect();
            let mut body = samples::group("");
            body["event_receiver_ids"] = json!(members);
            (body["repeat"], body["notify_incomplete"]) = (repeat.into(), notify_incomplete.into());
            let id = samples::post(api_url, "/api/v1/event-receiver-groups", &body).await.unwrap();
            logged.push(LoggedGroup { id, members, is_enabled: true, repeat, notify_incomplete });
        }
        Self { receivers, logged }
    }

    /// The receivers of the group that is changed.
    pub(crate) fn changed_receivers(&self) -> &[String] {
        &self.logged[CHANGED].members
    }

    /// Disables and enables the group until the round is over.
    pub(crate) async fn change(&self, bench: &Bench, log: &Mutex<GateLog>, is_over: &AtomicBool) {
        while !is_over.load(Ordering::Relaxed) {
            sleep(Duration::from_millis(fastrand::u64(100..2000))).await;
            let enabled = !is_enabled(log);
            self.patch(bench, log, enabled).await;
        }
    }

    /// Enables the group if it is disabled.
    pub(crate) async fn enable(&self, bench: &Bench, log: &Mutex<GateLog>) {
        if !is_enabled(log) {
            self.patch(bench, log, true).await;
        }
    }

    /// Repeats a PATCH until it is accepted. The first attempt may have changed the group although the response is lost.
    async fn patch(&self, bench: &Bench, log: &Mutex<GateLog>, enabled: bool) {
        let group = self.logged[CHANGED].id.clone();
        let url = format!("{}/api/v1/event-receiver-groups/{group}", bench.stack.api_url);
        let sent = now();
        eventually(ACCEPTED_WITHIN, async || {
            let request = bench.api.http.patch(&url).json(&json!({"enabled": enabled}));
            let response = request.send().await.map_err(|error| error.to_string())?;
            let status = response.status();
            assert!(status == 200 || status == 503, "PATCH gets {status}");
            let body: Value = response.json().await.map_err(|error| error.to_string())?;
            if status == 200 { Ok(()) } else { Err(body.to_string()) }
        })
        .await;
        log.lock().unwrap().patches.push(LoggedPatch { group, enabled, sent, responded: now() });
    }
}

fn is_enabled(log: &Mutex<GateLog>) -> bool {
    log.lock().unwrap().patches.last().is_none_or(|patch| patch.enabled)
}
