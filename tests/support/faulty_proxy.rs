//! A TCP proxy before the DynamoDB API that can refuse, hang or answer in its place.

use std::net::SocketAddr;

use tokio::{
    io::{self, AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// What the proxy does with a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Passes it on.
    Pass,
    /// Resets it.
    Cut,
    /// Takes the request and never answers.
    Hang,
    /// Passes requests on, and resets the connection when the server answers one of this operation.
    LoseAnswers(&'static str),
    /// Answers each request with this status and this DynamoDB error.
    Error(u16, &'static str),
}

/// The proxy. It ends when it is dropped.
pub struct FaultyProxy {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    task: JoinHandle<()>,
}

impl FaultyProxy {
    /// Starts it in mode [`Mode::Pass`].
    pub async fn start(server_url: &str) -> Self {
        let server = server_url.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mode, current) = watch::channel(Mode::Pass);
        let task = tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                tokio::spawn(handle(client, server.clone(), current.clone()));
            }
        });
        Self { address, mode, task }
    }

    /// The address for an SDK.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes the mode and drops the connections of the old one.
    pub fn set(&self, mode: Mode) {
        self.mode.send_replace(mode);
    }
}

impl Drop for FaultyProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn handle(mut client: TcpStream, server: String, mut mode: watch::Receiver<Mode>) {
    let current = mode.borrow_and_update().clone();
    let passed = async {
        match current {
            Mode::Pass => {
                if let Ok(mut server) = TcpStream::connect(server).await {
                    let _ = copy_bidirectional(&mut client, &mut server).await;
                }
            }
            Mode::Cut => {}
            Mode::Hang => std::future::pending().await,
            Mode::LoseAnswers(operation) => {
                if let Ok(mut server) = TcpStream::connect(server).await {
                    let _ = lose_answers(&mut client, &mut server, operation).await;
                }
            }
            Mode::Error(status, code) => answer(&mut client, status, code).await,
        }
    };
    tokio::select! {
        () = passed => {}
        _ = mode.changed() => {}
    }
}

/// Ends with the answer to a request that names the operation, or with a connection.
async fn lose_answers(client: &mut TcpStream, server: &mut TcpStream, operation: &str) -> io::Result<()> {
    let (mut request, mut answer) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    let mut is_lost = false;
    loop {
        tokio::select! {
            length = client.read(&mut request) => {
                let bytes = &request[..length?];
                is_lost |= bytes.windows(operation.len()).any(|window| window == operation.as_bytes());
                server.write_all(bytes).await?;
                if bytes.is_empty() {
                    return Ok(());
                }
            }
            length = server.read(&mut answer) => {
                let bytes = &answer[..length?];
                if is_lost || bytes.is_empty() {
                    return Ok(());
                }
                client.write_all(bytes).await?;
            }
        }
    }
}

/// One request of the SDK comes in one or a few segments; its answer closes the connection.
async fn answer(client: &mut TcpStream, status: u16, code: &str) {
    let mut request = vec![0; 64 * 1024];
    let _ = client.read(&mut request).await;
    let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"injected"}}"#);
    let response = format!(
        "HTTP/1.1 {status} Injected\r\ncontent-type: application/x-amz-json-1.0\r\n\
         content-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    );
    let _ = client.write_all(response.as_bytes()).await;
    let _ = client.shutdown().await;
}
