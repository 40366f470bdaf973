//! The mock cluster, on a thread of its own.

use std::{sync::mpsc, thread};

use nix::sys::signal::SigSet;
use rdkafka::{
    error::KafkaError,
    mocking::MockCluster,
    producer::DefaultProducerContext,
    types::{RDKafkaApiKey, RDKafkaErrorCode, RDKafkaRespErr},
};

use crate::{
    error::{Context, Error, Result},
    process,
};

const ALL_BROKERS: i32 = -1;

/// More requests than any test sends during a refusal.
const REFUSALS: usize = 10_000;

type Made = std::result::Result<(), KafkaError>;
type Request = (Change, mpsc::Sender<Made>);

/// A change of the cluster.
#[derive(Debug, Clone)]
pub(super) enum Change {
    /// Every broker is available again.
    Up,
    /// Every broker is unavailable.
    Down,
    /// The brokers' validation refuses every batch, or stops doing so.
    Refuse(bool),
    /// A new topic.
    CreateTopic { name: String, partitions: i32 },
}

impl Change {
    fn make(self, cluster: &MockCluster<'_, DefaultProducerContext>) -> Made {
        match self {
            // A broker closes its listener and binds the port again.
            Self::Up => process::without_forks(|| cluster.broker_up(ALL_BROKERS)),
            Self::Down => process::without_forks(|| cluster.broker_down(ALL_BROKERS)),
            Self::Refuse(refuses) => {
                cluster.clear_request_errors(RDKafkaApiKey::Produce);
                if refuses {
                    let refusal = RDKafkaRespErr::RD_KAFKA_RESP_ERR_INVALID_RECORD;
                    cluster.request_errors(RDKafkaApiKey::Produce, &[refusal; REFUSALS]);
                }
                Ok(())
            }
            Self::CreateTopic { name, partitions } => cluster.create_topic(&name, partitions, 1),
        }
    }
}

/// A cluster in memory. It ends when this is dropped.
pub(super) struct Cluster {
    /// The addresses of its brokers, in the order of their ids.
    pub(super) brokers: Vec<String>,
    /// The partitions of a new topic whose creator names no number.
    pub(super) default_partitions: i32,
    requests: mpsc::Sender<Request>,
}

impl Cluster {
    /// Starts it with so many brokers and without topics.
    pub(super) async fn start(brokers: usize, default_partitions: i32) -> Result<Self> {
        let (requests, received) = mpsc::channel::<Request>();
        let (started, start) = tokio::sync::oneshot::channel();
        // The cluster is not `Send`, so it stays on one thread.
        thread::Builder::new()
            .name("kafka".to_owned())
            .spawn(move || {
                let cluster = match mock_cluster(brokers) {
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
        let brokers =
            start.await.context("starting the embedded Kafka")?.context("starting the embedded Kafka")?;
        let brokers = brokers.split(',').map(str::to_owned).collect();
        Ok(Self { brokers, default_partitions, requests })
    }

    /// Makes a change. Blocks.
    pub(super) fn change(&self, change: Change) -> Result<()> {
        self.request(change)?.context("the embedded Kafka")
    }

    /// Creates a topic, and returns whether there was none of this name. Blocks.
    pub(super) fn create_topic(&self, name: String, partitions: i32) -> Result<bool> {
        match self.request(Change::CreateTopic { name, partitions })? {
            Ok(()) => Ok(true),
            Err(KafkaError::MockCluster(RDKafkaErrorCode::TopicAlreadyExists)) => Ok(false),
            Err(error) => Err(error).context("the embedded Kafka"),
        }
    }

    fn request(&self, change: Change) -> Result<Made> {
        let (reply, replied) = mpsc::channel();
        self.requests.send((change, reply)).map_err(|_| Error::new("the embedded Kafka has ended"))?;
        replied.recv().context("the embedded Kafka")
    }
}

/// Starts the mock cluster. The calling thread gets no signals any more, and the cluster's own thread inherits that. A
/// signal, such as that of a child's end, would interrupt its wait for requests, and the thread would end.
fn mock_cluster(brokers: usize) -> Result<MockCluster<'static, DefaultProducerContext>> {
    SigSet::all().thread_block().context("blocking signals")?;
    let brokers = i32::try_from(brokers).context("the mock cluster")?;
    MockCluster::new(brokers).context("the mock cluster")
}
