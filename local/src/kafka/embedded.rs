//! The embedded Kafka: librdkafka's mock cluster, behind a forwarder on the fixed port.

use std::{net::SocketAddr, sync::mpsc, thread};

use rdkafka::{error::KafkaError, mocking::MockCluster};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::{
    error::{Context, Error, Result},
    ports, process,
};

/// What it does not do, for whoever starts it.
pub const LIMITS: &str = "embedded: memory only; keeps 5 MiB or 100,000 batches a partition and drops the oldest; \
     no security, no transactions, no topic administration";

const BROKER: i32 = 1;

type Request = (bool, mpsc::Sender<std::result::Result<(), KafkaError>>);

/// A cluster of one broker, in memory. It ends when this is dropped.
pub struct Embedded {
    address: SocketAddr,
    requests: mpsc::Sender<Request>,
    forwarder: JoinHandle<()>,
}

impl Embedded {
    /// Starts it with its bootstrap broker on `port`, 0 for a free one, and with a topic, since it has
    /// no topic administration.
    pub async fn start(port: u16, topic: &str, partitions: i32) -> Result<Self> {
        let (listener, address) = ports::listen(port, "--kafka-port")?;
        let listener = TcpListener::from_std(listener).context("starting the embedded Kafka")?;
        let (requests, received) = mpsc::channel::<Request>();
        let (started, start) = tokio::sync::oneshot::channel();
        let topic = topic.to_owned();
        // The cluster is not `Send`: it lives and ends on one thread.
        thread::Builder::new()
            .name("kafka".to_owned())
            .spawn(move || {
                let cluster = match cluster(&topic, partitions) {
                    Ok(cluster) => cluster,
                    Err(error) => return drop(started.send(Err(error))),
                };
                if started.send(Ok(cluster.bootstrap_servers())).is_err() {
                    return;
                }
                for (up, answer) in received {
                    let change = if up { MockCluster::broker_up } else { MockCluster::broker_down };
                    // It closes its listener and binds the port again.
                    let result = process::without_forks(|| change(&cluster, BROKER));
                    // Whoever asked may be gone.
                    let _ = answer.send(result);
                }
            })
            .context("starting the embedded Kafka")?;
        let broker =
            start.await.context("starting the embedded Kafka")?.context("starting the embedded Kafka")?;
        let forwarder = tokio::spawn(forward(listener, broker));
        Ok(Self { address, requests, forwarder })
    }

    pub(crate) fn brokers(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn set_up(&self, up: bool) -> Result<()> {
        let (answer, answered) = mpsc::channel();
        self.requests.send((up, answer)).map_err(|_| Error::new("the embedded Kafka has ended"))?;
        answered.recv().context("the embedded Kafka")?.context("the embedded Kafka")
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        self.forwarder.abort();
    }
}

fn cluster(
    topic: &str,
    partitions: i32,
) -> std::result::Result<MockCluster<'static, rdkafka::producer::DefaultProducerContext>, KafkaError> {
    let cluster = MockCluster::new(1)?;
    cluster.create_topic(topic, partitions, 1)?;
    Ok(cluster)
}

/// The cluster picks its own port; metadata names that one, so only bootstrapping goes this way.
async fn forward(listener: TcpListener, broker: String) {
    loop {
        let Ok((mut client, _)) = listener.accept().await else { continue };
        let broker = broker.clone();
        tokio::spawn(async move {
            // A broken connection is the client's to notice.
            if let Ok(mut server) = TcpStream::connect(broker).await {
                let _ = copy_bidirectional(&mut client, &mut server).await;
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::process::Stdio;

    use tokio::process::Command;

    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn it_goes_down_and_up_while_processes_start() {
        let kafka = Embedded::start(0, "topic", 1).await.unwrap();
        let starts = tokio::spawn(async {
            for _ in 0..300 {
                let mut command = Command::new("true");
                process::spawn(command.stdout(Stdio::null())).unwrap().wait().await.unwrap();
            }
        });
        while !starts.is_finished() {
            kafka.set_up(false).unwrap();
            kafka.set_up(true).unwrap();
        }
    }
}
