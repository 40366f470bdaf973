//! A registry on a real socket, which responds as a test says and notes the requests.

use std::{
    io,
    sync::{Arc, Mutex},
};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader},
    net::TcpListener,
    task::JoinHandle,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, pki_types::PrivatePkcs8KeyDer},
};

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// Such as `/subjects/a-value/versions`.
    pub(super) path: String,
    /// The lines of the header.
    pub(super) headers: Vec<String>,
    pub(super) body: String,
}

impl Request {
    pub(super) fn is_lookup(&self) -> bool {
        !self.path.ends_with("/versions")
    }
}

/// A status and a body.
pub(super) type Response = (u16, String);

type Respond = dyn Fn(&Request) -> Option<Response> + Send + Sync;

/// The stub. It ends when it is dropped.
pub(super) struct Stub {
    pub(super) port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
    task: JoinHandle<()>,
}

impl Stub {
    /// Starts it without TLS. `respond` returns `None` for a request that gets no response.
    pub(super) async fn start(
        respond: impl Fn(&Request) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        Self::start_with(None, Arc::new(respond)).await
    }

    /// Starts it with TLS and a certificate of its own. Returns that as PEM text, too.
    pub(super) async fn start_with_tls(
        respond: impl Fn(&Request) -> Option<Response> + Send + Sync + 'static,
    ) -> (Self, String) {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivatePkcs8KeyDer::from(signing_key.serialize_der());
        let config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key.into())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        (Self::start_with(Some(acceptor), Arc::new(respond)).await, cert.pem())
    }

    async fn start_with(tls: Option<TlsAcceptor>, respond: Arc<Respond>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let noted = Arc::clone(&requests);
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (tls, respond, noted) = (tls.clone(), Arc::clone(&respond), Arc::clone(&noted));
                tokio::spawn(async move {
                    match tls {
                        Some(tls) => serve(tls.accept(stream).await?, &*respond, &noted).await,
                        None => serve(stream, &*respond, &noted).await,
                    }
                });
            }
        });
        Self { port, requests, task }
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub(super) fn paths(&self) -> Vec<String> {
        self.requests().into_iter().map(|request| request.path).collect()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Serves one request of a connection.
async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    respond: &Respond,
    noted: &Mutex<Vec<Request>>,
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let length = lines.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap_or("0");
    let mut body = vec![0; length.parse().unwrap()];
    stream.read_exact(&mut body).await?;
    let path = lines[0].strip_prefix("POST ").and_then(|line| line.split(' ').next()).unwrap().to_owned();
    let request = Request { path, headers: lines.split_off(1), body: String::from_utf8(body).unwrap() };
    noted.lock().unwrap().push(request.clone());
    let Some((status, body)) = respond(&request) else { return std::future::pending().await };
    let response = format!(
        "HTTP/1.1 {status} Status\r\nlocation: /elsewhere\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(response.as_bytes()).await?;
    stream.shutdown().await
}
