//! One broker of Apache Kafka with a listener for each way to connect, started by the tests' script.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};

use end_to_end::eventually;
use local::{
    ports,
    topic::{Reader, Record, StartAt},
};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    task::block_in_place,
};

use crate::{
    broker_properties::{Kerberos, LISTENERS, PASSWORD, USER, broker_properties},
    certificates::Certificates,
    publisher::Variables,
    token_endpoint::TokenEndpoint,
};

/// The class that kafka-topics.sh runs.
pub(crate) const TOPICS: &str = "tool org.apache.kafka.tools.TopicCommand";

const READY_WITHIN: Duration = Duration::from_secs(60);
const ARRIVES_WITHIN: Duration = Duration::from_secs(20);

/// The running broker. It ends when this is dropped.
pub(crate) struct Cluster {
    pub(crate) certificates: Certificates,
    pub(crate) token_endpoint: TokenEndpoint,
    ports: BTreeMap<&'static str, u16>,
    options: String,
    broker: Child,
    dir: TempDir,
}

impl Cluster {
    pub(crate) async fn start() -> Self {
        Self::start_with(None).await
    }

    pub(crate) async fn start_with(kerberos: Option<Kerberos<'_>>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let certificates = Certificates::make(dir.path());
        let token_endpoint = TokenEndpoint::start().await;
        let ports: BTreeMap<_, _> =
            LISTENERS.iter().map(|(listener, _)| (*listener, ports::free().unwrap())).collect();
        let controller = ports::free().unwrap();
        let properties =
            broker_properties(&ports, controller, &certificates, &token_endpoint, kerberos.as_ref());
        let properties_file = dir.path().join("security.properties");
        fs::write(&properties_file, properties).unwrap();
        let data = dir.path().join("kafka");
        let format = script()
            .arg("format")
            .arg(&data)
            .args(["--ports", &ports["PLAINTEXT"].to_string(), "--controller-ports", &controller.to_string()])
            .arg("--properties")
            .arg(&properties_file)
            .args(["--user", &format!("{USER}={PASSWORD}")])
            .status()
            .await
            .unwrap();
        assert!(format.success());
        let mut options =
            format!("-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls={}", token_endpoint.jwks_url());
        if let Some(kerberos) = &kerberos {
            options += &format!(" -Djava.security.krb5.conf={}", kerberos.configuration.display());
        }
        let broker = start_broker(&data, &options).await;
        Self { certificates, token_endpoint, ports, options, broker, dir }
    }

    /// Kills the broker and starts it again on its data: every connection must log in again.
    pub(crate) async fn restart(&mut self) {
        self.broker.kill().await.unwrap();
        self.broker = start_broker(&self.dir.path().join("kafka"), &self.options).await;
    }

    pub(crate) fn address(&self, listener: &str) -> String {
        format!("127.0.0.1:{}", self.ports[listener])
    }

    /// The settings of a function for a listener and a topic, without any credentials.
    pub(crate) fn variables(&self, listener: &str, topic: &str) -> Variables {
        let (_, protocol) = LISTENERS.iter().find(|(name, _)| *name == listener).unwrap();
        let mut variables = vec![
            ("XZEPR_KAFKA_BROKERS", self.address(listener)),
            ("XZEPR_KAFKA_DEFAULT_TOPIC", topic.to_owned()),
            ("XZEPR_KAFKA_SECURITY_PROTOCOL", (*protocol).to_owned()),
        ];
        if protocol.ends_with("SSL") {
            variables.push(("XZEPR_KAFKA_SSL_CA_LOCATION", path(&self.certificates.ca)));
        }
        variables
    }

    /// The records of a topic, as many as asked for, read without any security. Each attempt has a reader of its own, since
    /// one that begins while a partition of a new topic has no leader can wait for long.
    pub(crate) async fn read(&self, topic: &str, count: usize) -> Vec<Record> {
        eventually(ARRIVES_WITHIN, async || {
            let reader =
                block_in_place(|| Reader::open(&self.address("PLAINTEXT"), topic, StartAt::Beginning))
                    .unwrap();
            let mut records = Vec::with_capacity(count);
            while records.len() < count {
                let record = block_in_place(|| reader.next(Duration::from_secs(3)));
                records.push(record.ok_or_else(|| format!("{} of {count} records arrived", records.len()))?);
            }
            Ok::<_, String>(records)
        })
        .await
    }

    /// Runs one of Kafka's own tools on the cluster.
    pub(crate) async fn tool(&self, tool: &str, arguments: &[&str]) -> Output {
        let output = script()
            .args(tool.split(' '))
            .args(["--bootstrap-server", &self.address("PLAINTEXT")])
            .args(arguments)
            .output()
            .await
            .unwrap();
        assert!(output.status.success(), "{tool} {arguments:?}: {output:?}");
        output
    }

    /// Changes the user's password in both SCRAM mechanisms.
    pub(crate) async fn change_password(&self, password: &str) {
        for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
            let change = format!("{mechanism}=[password={password}]");
            let user = ["--entity-type", "users", "--entity-name", USER];
            self.tool("configs", &[&["--alter", "--add-config", &change][..], &user].concat()).await;
        }
    }
}

async fn start_broker(data: &Path, options: &str) -> Child {
    let log = data.join("broker-1.log");
    let starts = || fs::read_to_string(&log).unwrap_or_default().matches("Kafka Server started").count();
    let before = starts();
    let mut broker = script()
        .arg("broker")
        .arg(data)
        .arg("1")
        .env("KAFKA_OPTS", options)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    eventually(READY_WITHIN, async || {
        let log = || fs::read_to_string(&log).unwrap_or_default();
        assert!(broker.try_wait().unwrap().is_none(), "the broker has ended: {}", log());
        if starts() > before { Ok(()) } else { Err(log()) }
    })
    .await;
    broker
}

fn script() -> Command {
    let mut script = Command::new(local::kafka::script());
    script
        .env("KAFKA_PLUGIN", PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("security/MskIamValidator.java"));
    script
}

pub(crate) fn path(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
