//! publish-events as a process with the Lambda Runtime API, and with settings of its own.

use std::{
    fs::{self, File},
    path::PathBuf,
    process::Stdio,
    time::Duration,
};

use end_to_end::{EventItem, check_log, eventually};
use local::cargo_lambda::LambdaApi;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use ulid::Ulid;

use crate::{
    broker_properties::{ACCESS_KEY_ID, PASSWORD, SECRET_ACCESS_KEY},
    token_endpoint::CLIENT_SECRET,
};

const LOG: &str = "publish-events.log";

/// The function's timeout in template.yaml.
const TIMEOUT: Duration = Duration::from_secs(60);

pub(crate) type Variables = Vec<(&'static str, String)>;

/// The running function.
pub(crate) struct Publisher {
    pub(crate) process: Child,
    lambda: Lambda,
}

/// The Runtime API for a function, and the folder of its log.
pub(crate) struct Lambda {
    api: LambdaApi,
    http: reqwest::Client,
    dir: TempDir,
}

/// The response that the event source mapping gets.
#[derive(Debug, PartialEq)]
pub(crate) enum BatchResponse {
    AllPublished,
    /// The index of the record to continue at.
    RetryFrom(usize),
}

impl Lambda {
    pub(crate) fn start_process(self, variables: &[(&'static str, String)]) -> Publisher {
        let log = File::create(self.dir.path().join(LOG)).unwrap();
        let kept = ["PATH", "HOME"].into_iter().filter_map(|name| Some((name, std::env::var(name).ok()?)));
        let process = Command::new(program())
            .env_clear()
            .envs(kept)
            .env("AWS_LAMBDA_RUNTIME_API", format!("{}/.rt/publish-events", self.api.url()))
            .env("AWS_LAMBDA_FUNCTION_NAME", "publish-events")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
            .env("NO_COLOR", "1")
            .env("AWS_REGION", "eu-central-1")
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY_ID)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_ACCESS_KEY)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .expect("publish-events is built: cargo build -p publish-events");
        Publisher { process, lambda: self }
    }
}

/// No test may make the function log a secret.
impl Drop for Publisher {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            check_log(LOG, &self.log(), &[PASSWORD, SECRET_ACCESS_KEY, CLIENT_SECRET]);
        }
    }
}

impl Publisher {
    pub(crate) async fn start(variables: &[(&'static str, String)]) -> Self {
        Self::prepare().await.start_process(variables)
    }

    /// Starts everything but the function.
    pub(crate) async fn prepare() -> Lambda {
        let dir = tempfile::tempdir().unwrap();
        let api = LambdaApi::start(&["publish-events".to_owned()], dir.path()).await.unwrap();
        Lambda { api, http: reqwest::Client::builder().timeout(TIMEOUT).build().unwrap(), dir }
    }

    /// Sends a batch of sample events with these ids. The response must come within the function's timeout.
    pub(crate) async fn publish(&self, ids: &[String]) -> BatchResponse {
        self.publish_payloads(&ids.iter().map(|id| (id.clone(), "{}".to_owned())).collect::<Vec<_>>()).await
    }

    /// The same with a payload for each.
    pub(crate) async fn publish_payloads(&self, events: &[(String, String)]) -> BatchResponse {
        let records: Vec<_> = events
            .iter()
            .enumerate()
            .map(|(index, (id, payload))| EventItem::new(id).with("payload", payload).record(index))
            .collect();
        let url = format!("{}/2015-03-31/functions/publish-events/invocations", self.lambda.api.url());
        let sent = self.lambda.http.post(url).json(&json!({"Records": records})).send().await;
        let response: Value =
            sent.unwrap_or_else(|error| panic!("{error}: {}", self.log())).json().await.unwrap();
        match response["batchItemFailures"].as_array().unwrap_or_else(|| panic!("{response}")).as_slice() {
            [] => BatchResponse::AllPublished,
            [failure] => {
                BatchResponse::RetryFrom(failure["itemIdentifier"].as_str().unwrap().parse().unwrap())
            }
            more => panic!("{more:?}"),
        }
    }

    /// The lines that it has logged so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.lambda.dir.path().join(LOG)).unwrap()
    }

    /// Waits until it has logged a text.
    pub(crate) async fn await_log(&self, text: &str) {
        eventually(TIMEOUT, async || {
            let log = self.log();
            if log.contains(text) { Ok(()) } else { Err(format!("not logged: {text}\n{log}")) }
        })
        .await;
    }
}

/// The development build, or the one that `XZEPR_TEST_PUBLISHER` names.
fn program() -> PathBuf {
    std::env::var_os("XZEPR_TEST_PUBLISHER").map_or_else(|| local::program("publish-events"), PathBuf::from)
}

/// Sends a signal to a process.
pub(crate) async fn signal(process: &Child, signal: &str) {
    let pid = process.id().unwrap().to_string();
    assert!(Command::new("kill").args([signal, &pid]).status().await.unwrap().success());
}

/// New ids.
pub(crate) fn new_ids(count: usize) -> Vec<String> {
    (0..count).map(|_| Ulid::generate().to_string()).collect()
}
