//! Apache Kafka, from its Maven jars, through the script that the tests use.

use std::{
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use rdkafka::{
    ClientConfig,
    producer::{BaseProducer, Producer},
};
use tokio::{
    process::{Child, Command},
    time::Instant,
};

use crate::{
    error::{Context, Error, Result},
    ports, workspace,
};

const READY_WITHIN: Duration = Duration::from_secs(60);

/// A cluster of Apache Kafka brokers. It ends when this is dropped.
pub struct Apache {
    dir: PathBuf,
    ports: Vec<u16>,
    brokers: Vec<Child>,
}

impl Apache {
    /// Starts a cluster whose data lies under `dir`; its first broker listens on `port`, 0 for a free
    /// one, the others on free ones.
    pub async fn start(port: u16, brokers: usize, dir: &Path) -> Result<Self> {
        ports::check(port, "--kafka-port")?;
        let free = |count: usize| (0..count).map(|_| ports::free()).collect::<Result<Vec<_>>>();
        let mut client_ports = free(brokers)?;
        if let Some(first) = client_ports.first_mut().filter(|_| port != 0) {
            *first = port;
        }
        let format = Command::new(script())
            .arg("format")
            .arg(dir)
            .args(["--ports", &list(&client_ports), "--controller-ports", &list(&free(brokers)?)])
            .status()
            .await
            .context("running tests/kafka/kafka")?;
        if !format.success() {
            return Err(Error::new("Apache Kafka could not be prepared: see the message above"));
        }
        let mut apache = Self { dir: dir.to_owned(), ports: client_ports, brokers: Vec::new() };
        apache.start_brokers().await?;
        Ok(apache)
    }

    pub(crate) fn brokers(&self) -> String {
        let brokers: Vec<_> = self.ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        brokers.join(",")
    }

    /// Kills every broker with SIGKILL.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        for mut broker in self.brokers.drain(..) {
            broker.kill().await.context("killing a broker")?;
        }
        Ok(())
    }

    /// Starts every broker and waits until they all answer.
    pub(crate) async fn start_brokers(&mut self) -> Result<()> {
        for number in 1..=self.ports.len() {
            let broker = Command::new(script())
                .arg("broker")
                .arg(&self.dir)
                .arg(number.to_string())
                .stdin(Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .context("running tests/kafka/kafka")?;
            self.brokers.push(broker);
        }
        self.ready().await
    }

    async fn ready(&mut self) -> Result<()> {
        let until = Instant::now() + READY_WITHIN;
        let (brokers, expected) = (self.brokers(), self.ports.len());
        loop {
            let brokers = brokers.clone();
            let seen = tokio::task::spawn_blocking(move || count_brokers(&brokers))
                .await
                .context("waiting for Apache Kafka")?;
            if seen == expected {
                return Ok(());
            }
            let ended = self.brokers.iter_mut().any(|broker| !matches!(broker.try_wait(), Ok(None)));
            if ended || Instant::now() > until {
                return Err(Error::new(format!(
                    "Apache Kafka did not start: see {}/*.log",
                    self.dir.display()
                )));
            }
        }
    }
}

/// The brokers that the cluster tells of.
fn count_brokers(brokers: &str) -> usize {
    let client: Option<BaseProducer> = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        // Quiet while the brokers are not there yet.
        .set("log_level", "0")
        .create()
        .ok();
    client
        .and_then(|client| client.client().fetch_metadata(None, Duration::from_secs(2)).ok())
        .map_or(0, |metadata| metadata.brokers().len())
}

fn script() -> PathBuf {
    workspace::root().join("tests/kafka/kafka")
}

fn list(ports: &[u16]) -> String {
    ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
