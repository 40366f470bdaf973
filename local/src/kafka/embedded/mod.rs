//! The embedded Kafka: librdkafka's mock cluster behind a proxy.
//!
//! librdkafka reads everything that the mock cluster sends; other clients fail at its `ApiVersions` response. The proxy
//! writes that response itself, and its own addresses into the responses that name brokers. It creates topics, which the
//! mock cluster does not do for clients. It does not decode the other requests and responses.

mod addresses;
mod api_versions;
mod cluster;
mod connection;
mod create_topics;
mod frame;
mod new_topic;
mod proxy;
mod request_body;
mod request_fields;
mod response;

use std::{collections::BTreeSet, net::TcpListener, sync::Arc};

use tokio_rustls::TlsAcceptor;

use self::{
    cluster::{Change, Cluster},
    proxy::Proxy,
};
use crate::{error::Result, ports};

/// Its limits, for the person who starts it.
pub const LIMITS: &str = "embedded: memory only; keeps 5 MiB or 100,000 batches a partition and drops the oldest; \
     no security, no transactions, of topic administration only the creation";

/// A cluster in memory. It ends when this is dropped.
pub struct Embedded {
    proxy: Proxy,
    cluster: Arc<Cluster>,
}

impl Embedded {
    /// Starts it with one broker on `port`, 0 for a free one, and with these topics. A topic that a client
    /// creates without a number of partitions has `partitions`, too.
    pub async fn start(port: u16, topics: BTreeSet<Arc<str>>, partitions: i32) -> Result<Self> {
        let (listener, _) = ports::listen(port, "--kafka-port")?;
        Self::start_on(vec![listener], None, topics, partitions).await
    }

    /// Starts it with so many brokers on free ports. They lead the partitions of a topic in turn. Clients must connect
    /// with TLS if there is an acceptor, whose certificate is then for the address `127.0.0.1`.
    pub async fn start_brokers(
        brokers: usize,
        tls: Option<TlsAcceptor>,
        topics: BTreeSet<Arc<str>>,
        partitions: i32,
    ) -> Result<Self> {
        let listeners = (0..brokers).map(|_| Ok(ports::listen(0, "--kafka-port")?.0));
        Self::start_on(listeners.collect::<Result<_>>()?, tls, topics, partitions).await
    }

    async fn start_on(
        listeners: Vec<TcpListener>,
        tls: Option<TlsAcceptor>,
        topics: BTreeSet<Arc<str>>,
        partitions: i32,
    ) -> Result<Self> {
        let cluster = Arc::new(Cluster::start(listeners.len(), partitions).await?);
        for topic in topics {
            cluster.change(Change::CreateTopic { name: topic.to_string(), partitions })?;
        }
        // The connections of clients may outlive this, and the cluster must not.
        let proxy = Proxy::start(listeners, tls, Arc::downgrade(&cluster))?;
        Ok(Self { proxy, cluster })
    }

    pub(crate) fn brokers(&self) -> String {
        let addresses = self.proxy.addresses().iter().map(ToString::to_string);
        addresses.collect::<Vec<_>>().join(",")
    }

    /// Stops every broker, so that the ports refuse connections. The records stay.
    pub(crate) async fn down(&mut self) -> Result<()> {
        self.proxy.stop().await;
        self.cluster.change(Change::Down)
    }

    /// Starts every broker again.
    pub(crate) fn up(&mut self) -> Result<()> {
        self.cluster.change(Change::Up)?;
        self.proxy.resume()
    }

    /// Sets whether the brokers' validation refuses every batch. As Redpanda, it does not name the invalid record.
    pub fn refuse_batches(&self, refuses: bool) -> Result<()> {
        self.cluster.change(Change::Refuse(refuses))
    }
}

#[cfg(test)]
mod brokers_tests;
#[cfg(test)]
mod tests;
