//! The proxy between clients and the mock cluster: on the fixed port, or on a port for each broker.

use std::{
    io,
    net::{SocketAddr, TcpListener as StdListener},
    sync::Weak,
};

use tokio::{
    io::split,
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};
use tokio_rustls::TlsAcceptor;

use super::{cluster::Cluster, connection};
use crate::{
    error::{Context, Result},
    ports, process,
};

/// A listener for each broker of the mock cluster. They end when this is dropped.
pub(super) struct Proxy {
    forwarding: Forwarding,
    /// Empty while the brokers are down.
    listening: Vec<Listening>,
}

struct Listening {
    /// Kept here, so that [`Proxy::stop`] decides when it is closed.
    listener: StdListener,
    accepting: JoinHandle<()>,
}

/// The facts that all connections need.
#[derive(Clone)]
struct Forwarding {
    /// The addresses of the listeners, in the order of the brokers' ids.
    addresses: Vec<SocketAddr>,
    tls: Option<TlsAcceptor>,
    cluster: Weak<Cluster>,
}

impl Proxy {
    /// Starts it on these listeners, one for each broker. The clients' connections have TLS if there is an acceptor.
    pub(super) fn start(
        listeners: Vec<StdListener>,
        tls: Option<TlsAcceptor>,
        cluster: Weak<Cluster>,
    ) -> Result<Self> {
        let addresses = listeners.iter().map(StdListener::local_addr).collect::<io::Result<_>>();
        let addresses = addresses.context("starting the embedded Kafka")?;
        let mut proxy = Self { forwarding: Forwarding { addresses, tls, cluster }, listening: Vec::new() };
        proxy.listen(listeners)?;
        Ok(proxy)
    }

    /// The addresses of its listeners, in the order of the brokers' ids.
    pub(super) fn addresses(&self) -> &[SocketAddr] {
        &self.forwarding.addresses
    }

    /// Listens again.
    pub(super) fn resume(&mut self) -> Result<()> {
        if !self.listening.is_empty() {
            return Ok(());
        }
        let ports = self.addresses().iter().map(SocketAddr::port);
        let listeners = ports.map(|port| Ok(ports::listen(port, "--kafka-port")?.0));
        let listeners = listeners.collect::<Result<_>>()?;
        self.listen(listeners)
    }

    /// Stops listening, so that the ports refuse connections. Those that exist end with those of the mock cluster.
    pub(super) async fn stop(&mut self) {
        let mut listeners = Vec::new();
        for Listening { listener, accepting } in self.listening.drain(..) {
            accepting.abort();
            // Its own handle of the listener is closed when it has ended.
            let _ = accepting.await;
            listeners.push(listener);
        }
        process::without_forks(|| drop(listeners));
    }

    fn listen(&mut self, listeners: Vec<StdListener>) -> Result<()> {
        for (broker, listener) in listeners.into_iter().enumerate() {
            let own = listener.try_clone().context("starting the embedded Kafka")?;
            let own = TcpListener::from_std(own).context("starting the embedded Kafka")?;
            let accepting = tokio::spawn(accept(own, broker, self.forwarding.clone()));
            self.listening.push(Listening { listener, accepting });
        }
        Ok(())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        for listening in &self.listening {
            listening.accepting.abort();
        }
    }
}

/// Accepts connections for the broker with this index.
async fn accept(listener: TcpListener, broker: usize, forwarding: Forwarding) {
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        let Some(cluster) = forwarding.cluster.upgrade() else { return };
        let Some(broker) = cluster.brokers.get(broker).cloned() else { return };
        let forwarding = forwarding.clone();
        tokio::spawn(async move {
            // The client notices a broken connection itself.
            let _ = forwarding.forward(client, &broker).await;
        });
    }
}

impl Forwarding {
    async fn forward(&self, client: TcpStream, broker: &str) -> io::Result<()> {
        client.set_nodelay(true)?;
        let server = TcpStream::connect(broker).await?;
        let Self { addresses, tls, cluster } = self;
        match tls {
            None => connection::serve(client.into_split(), server, addresses, cluster).await,
            Some(tls) => {
                connection::serve(split(tls.accept(client).await?), server, addresses, cluster).await
            }
        }
    }
}
