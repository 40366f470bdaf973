//! Apicurio Registry, which the script `tests/schema-registry/registry` runs.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use local::ports;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use crate::eventually;

const READY_WITHIN: Duration = Duration::from_secs(60);

/// A schema registry with Confluent's API. It keeps its schemas in Kafka, so it has the same ids after a restart. It
/// ends when this is dropped.
pub struct SchemaRegistryServer {
    port: u16,
    brokers: String,
    log: PathBuf,
    process: Option<Child>,
    http: reqwest::Client,
}

impl SchemaRegistryServer {
    /// Starts it on a Kafka cluster, with its log in a folder. It refuses schemas that are not backward compatible, as
    /// Confluent's registry does by default.
    pub async fn start(brokers: &str, log_dir: &Path) -> Self {
        let mut server = Self {
            port: ports::free().unwrap(),
            brokers: brokers.to_owned(),
            log: log_dir.join("schema-registry.log"),
            process: None,
            http: reqwest::Client::builder().timeout(Duration::from_secs(5)).build().unwrap(),
        };
        server.restart(&[]).await;
        server.set_compatibility("BACKWARD").await;
        server
    }

    /// The address of Confluent's API, for `XZEPR_SCHEMA_REGISTRY_URL`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/apis/ccompat/v7", self.port)
    }

    /// Kills it with SIGKILL.
    pub async fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().await.unwrap();
        }
    }

    /// Starts it again on the same port, and waits until it responds. A running one is killed before. The properties
    /// are for this start alone, such as `apicurio.storage.read-only.enabled=true`.
    pub async fn restart(&mut self, properties: &[&str]) {
        self.kill().await;
        let log = || File::options().create(true).append(true).open(&self.log).unwrap();
        let process = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/schema-registry/registry"))
            .args(["run", "--port", &self.port.to_string(), "--brokers", &self.brokers])
            .args(properties.iter().map(|property| format!("-D{property}")))
            .stdin(Stdio::null())
            .stdout(log())
            .stderr(log())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let process = self.process.insert(process);
        let subjects = format!("http://127.0.0.1:{}/apis/ccompat/v7/subjects", self.port);
        eventually(READY_WITHIN, async || {
            let log = || fs::read_to_string(&self.log).unwrap_or_default();
            assert!(process.try_wait().unwrap().is_none(), "the schema registry has ended: {}", log());
            self.http.get(&subjects).send().await.and_then(reqwest::Response::error_for_status)
        })
        .await;
    }

    /// Sets the compatibility that it requires of a subject's next schema, such as `BACKWARD` or `NONE`.
    pub async fn set_compatibility(&self, level: &str) {
        let request = self.http.put(format!("{}/config", self.url())).json(&json!({"compatibility": level}));
        request.send().await.unwrap().error_for_status().unwrap();
    }

    /// The text of a schema by its id, as a consumer finds it.
    pub async fn schema(&self, id: u32) -> String {
        let request = self.http.get(format!("{}/schemas/ids/{id}", self.url()));
        let response: Value = request.send().await.unwrap().error_for_status().unwrap().json().await.unwrap();
        response["schema"].as_str().unwrap().to_owned()
    }

    /// The names of all subjects, in the order of the alphabet.
    pub async fn subjects(&self) -> Vec<String> {
        let response = self.http.get(format!("{}/subjects", self.url())).send().await.unwrap();
        let mut subjects: Vec<String> = response.error_for_status().unwrap().json().await.unwrap();
        subjects.sort();
        subjects
    }
}
