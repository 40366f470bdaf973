//! Apache Kafka, which the script `local/kafka/kafka` runs from its Maven jars.

use std::{
    fs,
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
    ports,
    signal::Signal,
    workspace,
};

const READY_WITHIN: Duration = Duration::from_secs(60);

/// The script that runs Apache Kafka. `--help` lists its commands.
pub fn script() -> PathBuf {
    workspace::root().join("local/kafka/kafka")
}

/// A cluster of Apache Kafka brokers. It ends when this is dropped.
pub struct Apache {
    dir: PathBuf,
    ports: Vec<u16>,
    /// In the order of their numbers; `None` for one that has ended.
    brokers: Vec<Option<Child>>,
}

/// A second listener of a broker. The broker makes its clients connect to another port.
#[derive(Debug, Clone, Copy)]
pub struct Proxied {
    /// The port that the broker listens on.
    pub port: u16,
    /// The port that clients connect to.
    pub advertised_port: u16,
}

impl Apache {
    /// Starts a cluster with its data in `dir`. The first broker listens on `port`, 0 for a free one, and the others on
    /// free ones.
    pub async fn start(port: u16, brokers: usize, dir: &Path) -> Result<Self> {
        ports::check(port, "--kafka-port")?;
        let mut client_ports = free_ports(brokers)?;
        if let Some(first) = client_ports.first_mut().filter(|_| port != 0) {
            *first = port;
        }
        Self::start_on(client_ports, free_ports(brokers)?, dir, None).await
    }

    /// Starts one broker with a second listener, for clients that connect through a proxy. `further` are more of the
    /// broker's properties, one a line.
    pub async fn start_behind_proxy(proxied: Proxied, further: &str, dir: &Path) -> Result<Self> {
        let (ports, controller_ports) = (free_ports(1)?, free_ports(1)?);
        let Proxied { port, advertised_port } = proxied;
        let properties = format!(
            "listeners=PLAINTEXT://127.0.0.1:{0},PROXIED://127.0.0.1:{port},CONTROLLER://127.0.0.1:{1}\n\
             advertised.listeners=PLAINTEXT://127.0.0.1:{0},PROXIED://127.0.0.1:{advertised_port}\n\
             listener.security.protocol.map=PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
             inter.broker.listener.name=PLAINTEXT\n\
             {further}",
            list(&ports),
            list(&controller_ports)
        );
        let file = dir.with_extension("properties");
        fs::write(&file, properties).context("writing Apache Kafka's properties")?;
        Self::start_on(ports, controller_ports, dir, Some(&file)).await
    }

    async fn start_on(
        ports: Vec<u16>,
        controller_ports: Vec<u16>,
        dir: &Path,
        properties: Option<&Path>,
    ) -> Result<Self> {
        let mut format = Command::new(script());
        format.arg("format").arg(dir);
        format.args(["--ports", &list(&ports), "--controller-ports", &list(&controller_ports)]);
        if let Some(properties) = properties {
            format.arg("--properties").arg(properties);
        }
        let formatted = format.status().await.context("running local/kafka/kafka")?;
        if !formatted.success() {
            return Err(Error::new("Apache Kafka could not be prepared: see the message above"));
        }
        let brokers = ports.iter().map(|_| None).collect();
        let mut apache = Self { dir: dir.to_owned(), ports, brokers };
        apache.start_brokers().await?;
        Ok(apache)
    }

    /// The bootstrap brokers.
    pub fn brokers(&self) -> String {
        let brokers: Vec<_> = self.ports.iter().map(|port| format!("127.0.0.1:{port}")).collect();
        brokers.join(",")
    }

    /// Sends a signal to a broker, numbered from 1. If the broker ends by the signal, only
    /// [`start_brokers`](Self::start_brokers) starts it again.
    pub async fn signal(&mut self, number: usize, signal: Signal) -> Result<()> {
        let broker = number.checked_sub(1).and_then(|index| self.brokers.get_mut(index));
        let Some(place) = broker else { return Err(Error::new(format!("there is no broker {number}"))) };
        if let Some(broker) = place {
            signal.send(broker).await?;
        }
        if signal.ends() {
            *place = None;
        }
        Ok(())
    }

    /// Kills every broker with SIGKILL.
    pub(crate) async fn kill(&mut self) -> Result<()> {
        for number in 1..=self.brokers.len() {
            self.signal(number, Signal::Kill).await?;
        }
        Ok(())
    }

    /// Starts every broker that has ended, and waits until all of them respond.
    pub async fn start_brokers(&mut self) -> Result<()> {
        for (index, place) in self.brokers.iter_mut().enumerate().filter(|(_, place)| place.is_none()) {
            let broker = Command::new(script())
                .arg("broker")
                .arg(&self.dir)
                .arg((index + 1).to_string())
                .stdin(Stdio::null())
                .kill_on_drop(true)
                .spawn()
                .context("running local/kafka/kafka")?;
            *place = Some(broker);
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
            let mut brokers = self.brokers.iter_mut().flatten();
            let ended = brokers.any(|broker| !matches!(broker.try_wait(), Ok(None)));
            if ended || Instant::now() > until {
                return Err(Error::new(format!(
                    "Apache Kafka did not start: see {}/*.log",
                    self.dir.display()
                )));
            }
        }
    }
}

/// The number of brokers in the cluster's metadata.
fn count_brokers(brokers: &str) -> usize {
    let client: Option<BaseProducer> = ClientConfig::new()
        .set("bootstrap.servers", brokers)
        // No messages before the brokers listen.
        .set("log_level", "0")
        .create()
        .ok();
    client
        .and_then(|client| client.client().fetch_metadata(None, Duration::from_secs(2)).ok())
        .map_or(0, |metadata| metadata.brokers().len())
}

fn free_ports(count: usize) -> Result<Vec<u16>> {
    (0..count).map(|_| ports::free()).collect()
}

fn list(ports: &[u16]) -> String {
    ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}
