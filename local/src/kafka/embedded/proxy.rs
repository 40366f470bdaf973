//! The proxy between clients and the mock cluster, on the fixed port.

use std::net::{SocketAddr, TcpListener as StdListener};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::connection;
use crate::{
    error::{Context, Result},
    ports, process,
};

/// A listener that forwards to the mock cluster. It ends when this is dropped.
pub(super) struct Proxy {
    address: SocketAddr,
    broker: String,
    /// `None` while the broker is down.
    listening: Option<Listening>,
}

struct Listening {
    /// Kept here, so that [`Proxy::stop`] decides when it is closed.
    listener: StdListener,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Starts it on this listener. `broker` is the address of the mock cluster's only broker.
    pub(super) fn start(listener: StdListener, broker: String) -> Result<Self> {
        let address = listener.local_addr().context("starting the embedded Kafka")?;
        let mut proxy = Self { address, broker, listening: None };
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
        let accepting = tokio::spawn(accept(own, self.broker.clone(), self.address));
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

async fn accept(listener: TcpListener, broker: String, address: SocketAddr) {
    loop {
        let Ok((client, _)) = listener.accept().await else { continue };
        let broker = broker.clone();
        tokio::spawn(async move {
            if let Ok(server) = TcpStream::connect(broker).await {
                // The client notices a broken connection itself.
                let _ = connection::serve(client, server, address).await;
            }
        });
    }
}
