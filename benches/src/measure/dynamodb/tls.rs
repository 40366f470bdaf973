//! A listener whose connections have TLS.

use std::{io, net::SocketAddr};

use axum::serve::Listener;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// The errors of a connection whose process has ended.
const ENDED: [io::ErrorKind; 2] = [io::ErrorKind::UnexpectedEof, io::ErrorKind::ConnectionReset];

/// Accepts one connection after the other. It has few clients.
pub(super) struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl TlsListener {
    /// Serves with the acceptor's certificate.
    pub(super) fn new(listener: TcpListener, acceptor: TlsAcceptor) -> Self {
        Self { listener, acceptor }
    }

    async fn next(&self) -> io::Result<(TlsStream<TcpStream>, SocketAddr)> {
        let (stream, client) = self.listener.accept().await?;
        stream.set_nodelay(true)?;
        Ok((self.acceptor.accept(stream).await?, client))
    }
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            match self.next().await {
                Ok(accepted) => return accepted,
                // A process that is ended leaves a connection that it was opening.
                Err(error) if ENDED.contains(&error.kind()) => {}
                Err(error) => eprintln!("a connection to the DynamoDB API failed: {error}"),
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}
