//! The embedded Kafka: librdkafka's mock cluster behind a proxy on the fixed port.
//!
//! librdkafka reads everything that the mock cluster sends; other clients fail at its `ApiVersions` response. The proxy
//! writes that response itself, and its own address into the responses that name brokers. It does not decode the others.

mod addresses;
mod api_versions;
mod connection;
mod frame;
mod proxy;
mod request_body;
mod request_fields;
mod response;

use std::{sync::mpsc, thread};

use nix::sys::signal::SigSet;
use rdkafka::{
    error::KafkaError,
    mocking::MockCluster,
    producer::DefaultProducerContext,
    types::{RDKafkaApiKey, RDKafkaRespErr},
};

use self::proxy::Proxy;
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
    proxy: Proxy,
    requests: mpsc::Sender<Request>,
}

impl Embedded {
    /// Starts it with its bootstrap broker on `port`, 0 for a free one. It has no topic administration, so this creates
    /// the topic.
    pub async fn start(port: u16, topic: &str, partitions: i32) -> Result<Self> {
        let (listener, _) = ports::listen(port, "--kafka-port")?;
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
        Ok(Self { proxy: Proxy::start(listener, broker)?, requests })
    }

    pub(crate) fn brokers(&self) -> String {
        self.proxy.address().to_string()
    }

    /// Stops the broker, so that its port refuses connections. Its records stay.
    pub(crate) async fn down(&mut self) -> Result<()> {
        self.proxy.stop().await;
        self.change(Change::Down)
    }

    /// Starts the broker again.
    pub(crate) fn up(&mut self) -> Result<()> {
        self.change(Change::Up)?;
        self.proxy.resume()
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

/// Starts the mock cluster. The calling thread gets no signals any more, and the cluster's own thread inherits that. A
/// signal, such as that of a child's end, would interrupt its wait for requests, and the thread would end.
fn cluster(topic: &str, partitions: i32) -> Result<MockCluster<'static, DefaultProducerContext>> {
    SigSet::all().thread_block().context("blocking signals")?;
    let cluster = MockCluster::new(1).context("the mock cluster")?;
    cluster.create_topic(topic, partitions, 1).context("creating the topic")?;
    Ok(cluster)
}

#[cfg(test)]
mod tests;
