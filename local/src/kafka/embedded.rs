//! The embedded Kafka: librdkafka's mock cluster, with a forwarder on the fixed port.

use std::{net::SocketAddr, sync::mpsc, thread};

use rdkafka::{
    error::KafkaError,
    mocking::MockCluster,
    producer::DefaultProducerContext,
    types::{RDKafkaApiKey, RDKafkaRespErr},
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::{
    error::{Context, Error, Result},
    ports, process,
};

/// Its limits, for the person who starts it.
pub const LIMITS: &str = "embedded: memory only; keeps 5 MiB or 100,000 batches a partition and drops the oldest; \
     no security, no transactions, no topic administration";

const BROKER: i32 = 1;

/// More requests than any test sends during a refusal.
const REFUSALS: usize = 10_000;

type Request = (Change, mpsc::Sender<std::result::Result<(), KafkaError>>);

/// A change of the cluster.
#[derive(Debug, Clone, Copy)]
enum Change {
    /// The broker is available again.
    Up,
    /// The broker is unavailable.
    Down,
    /// The broker's validation refuses every batch, or stops doing so.
    Refuse(bool),
}

impl Change {
    fn make(self, cluster: &MockCluster<'_, DefaultProducerContext>) -> std::result::Result<(), KafkaError> {
        match self {
            // The broker closes its listener and binds the port again.
            Self::Up => process::without_forks(|| cluster.broker_up(BROKER)),
            Self::Down => process::without_forks(|| cluster.broker_down(BROKER)),
            Self::Refuse(refuses) => {
                cluster.clear_request_errors(RDKafkaApiKey::Produce);
                if refuses {
                    let refusal = RDKafkaRespErr::RD_KAFKA_RESP_ERR_INVALID_RECORD;
                    cluster.request_errors(RDKafkaApiKey::Produce, &[refusal; REFUSALS]);
                }
                Ok(())
            }
        }
    }
}

/// A cluster of one broker, in memory. It ends when this is dropped.
pub struct Embedded {
    address: SocketAddr,
    requests: mpsc::Sender<Request>,
    forwarder: JoinHandle<()>,
}

impl Embedded {
    /// Starts it with its bootstrap broker on `port`, 0 for a free one. It has no topic administration, so this creates
    /// the topic.
    pub async fn start(port: u16, topic: &str, partitions: i32) -> Result<Self> {
        let (listener, address) = ports::listen(port, "--kafka-port")?;
        let listener = TcpListener::from_std(listener).context("starting the embedded Kafka")?;
        let (requests, received) = mpsc::channel::<Request>();
        let (started, start) = tokio::sync::oneshot::channel();
        let topic = topic.to_owned();
        // The cluster is not `Send`, so it stays on one thread.
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
                for (change, reply) in received {
                    // The sender of the request may be gone.
                    let _ = reply.send(change.make(&cluster));
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
        self.change(if up { Change::Up } else { Change::Down })
    }

    /// Sets whether the broker's validation refuses every batch. As Redpanda, it does not name the invalid record.
    pub fn refuse_batches(&self, refuses: bool) -> Result<()> {
        self.change(Change::Refuse(refuses))
    }

    fn change(&self, change: Change) -> Result<()> {
        let (reply, replied) = mpsc::channel();
        self.requests.send((change, reply)).map_err(|_| Error::new("the embedded Kafka has ended"))?;
        replied.recv().context("the embedded Kafka")?.context("the embedded Kafka")
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
) -> std::result::Result<MockCluster<'static, DefaultProducerContext>, KafkaError> {
    let cluster = MockCluster::new(1)?;
    cluster.create_topic(topic, partitions, 1)?;
    Ok(cluster)
}

/// Forwards connections to the cluster, which chooses its own port. Its metadata names that port, so only bootstrapping
/// uses the forwarder.
async fn forward(listener: TcpListener, broker: String) {
    loop {
        let Ok((mut client, _)) = listener.accept().await else { continue };
        let broker = broker.clone();
        tokio::spawn(async move {
            // The client notices a broken connection itself.
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
