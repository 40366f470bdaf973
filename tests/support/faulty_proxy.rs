//! A TCP proxy before a server. It can cut, delay or hang connections, or respond in place of a DynamoDB API.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{self, AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::watch,
    task::JoinHandle,
    time::sleep,
};

/// How the proxy treats a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mode {
    /// Passes it on.
    Pass,
    /// Passes it on, and each segment after this time.
    Delay(Duration),
    /// Resets it.
    Cut,
    /// Reads the request and never responds.
    Hang,
    /// Passes requests on, and resets the connection at the server's response to one of this operation.
    LoseResponses(&'static str),
    /// Responds to each request with this status and this DynamoDB error.
    Error(u16, &'static str),
}

/// The proxy. It ends when it is dropped.
pub struct FaultyProxy {
    address: SocketAddr,
    mode: watch::Sender<Mode>,
    task: JoinHandle<()>,
}

impl FaultyProxy {
    /// Starts it in mode [`Mode::Pass`], before a server's URL or its host and port.
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

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        self.address.port()
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
            Mode::Delay(delay) => {
                if let Ok(mut server) = TcpStream::connect(server).await {
                    let ((from_client, to_client), (from_server, to_server)) =
                        (client.split(), server.split());
                    let _ = tokio::join!(
                        copy_slowly(from_client, to_server, delay),
                        copy_slowly(from_server, to_client, delay)
                    );
                }
            }
            Mode::Cut => {}
            Mode::Hang => std::future::pending().await,
            Mode::LoseResponses(operation) => {
                if let Ok(mut server) = TcpStream::connect(server).await {
                    let _ = lose_responses(&mut client, &mut server, operation).await;
                }
            }
            Mode::Error(status, code) => respond(&mut client, status, code).await,
        }
    };
    tokio::select! {
        () = passed => {}
        _ = mode.changed() => {}
    }
    if matches!(*mode.borrow(), Mode::Cut | Mode::LoseResponses(_)) {
        // A connection that is closed without lingering ends with RST.
        let _ = client.set_zero_linger();
    }
}

async fn copy_slowly(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>, delay: Duration) -> io::Result<()> {
    let mut segment = vec![0; 64 * 1024];
    loop {
        let length = from.read(&mut segment).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        sleep(delay).await;
        to.write_all(&segment[..length]).await?;
    }
}

/// Returns at the response to a request that names the operation, or at the end of a connection.
async fn lose_responses(client: &mut TcpStream, server: &mut TcpStream, operation: &str) -> io::Result<()> {
    let (mut request, mut response) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
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
            length = server.read(&mut response) => {
                let bytes = &response[..length?];
                if is_lost || bytes.is_empty() {
                    return Ok(());
                }
                client.write_all(bytes).await?;
            }
        }
    }
}

/// A request of the SDK has one or a few segments. The response closes the connection.
async fn respond(client: &mut TcpStream, status: u16, code: &str) {
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
