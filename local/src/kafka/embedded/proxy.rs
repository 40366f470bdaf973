//! The proxy between clients and the mock cluster, on the fixed port.

use std::{
    net::{SocketAddr, TcpListener as StdListener},
    sync::Weak,
};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::{cluster::Cluster, connection};
use crate::{
    error::{Context, Result},
    ports, process,
};

/// A listener that forwards to the mock cluster. It ends when this is dropped.
pub(super) struct Proxy {
    address: SocketAddr,
    cluster: Weak<Cluster>,
    /// `None` while the broker is down.
    listening: Option<Listening>,
}

struct Listening {
    /// Kept here, so that [`Proxy::stop`] decides when it is closed.
    listener: StdListener,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Starts it on this listener.
    pub(super) fn start(listener: StdListener, cluster: Weak<Cluster>) -> Result<Self> {
        let address = listener.local_addr().context("starting the embedded Kafka")?;
        let mut proxy = Self { address, cluster, listening: None };
        proxy.listen(listener)?;
        Ok(proxy)
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Listens again.
    pub(super) fn resume(&mut self) -> Result<()> {
        if self.listening.is_some() {
            return Ok(());
        }
        let (listener, _) = ports::listen(self.address.port(), "--kafka-port")?;
        self.listen(listener)
    }

    /// Stops listening, so that the port refuses connections. Those that exist end with those of the mock cluster.
    pub(super) async fn stop(&mut self) {
        let Some(Listening { listener, accepting }) = self.listening.take() else { return };
        accepting.abort();
        // Its own handle of the listener is closed when it has ended.
        let _ = accepting.await;
        process::without_forks(|| drop(listener));
    }

    fn listen(&mut self, listener: StdListener) -> Result<()> {
        let own = listener.try_clone().context("starting the embedded Kafka")?;
        let own = TcpListener::from_std(own).context("starting the embedded Kafka")?;
        let accepting = tokio::spawn(accept(own, self.cluster.clone(), self.address));
        self.listening = Some(Listening { listener, accepting });
        Ok(())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.accepting.abort();
        }
    }
}

async fn accept(listener: TcpListener, cluster: Weak<Cluster>, address: SocketAddr) {
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        let Some(broker) = cluster.upgrade().map(|cluster| cluster.broker.clone()) else { return };
        let cluster = cluster.clone();
        tokio::spawn(async move {
            if let Ok(server) = TcpStream::connect(broker).await {
                // The client notices a broken connection itself.
                let _ = connection::serve(client, server, address, &cluster).await;
            }
        });
    }
}
