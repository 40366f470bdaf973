//! The DynamoDB API of the tests: embedded, or a process of its own on a file.

use std::{path::Path, process::Stdio, time::Duration};

use local::{dynamodb::EmbeddedDynamodb, ports};
use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

use crate::eventually;

const READY_WITHIN: Duration = Duration::from_secs(10);

/// A DynamoDB API. It ends when this is dropped.
pub struct DynamodbApi {
    url: String,
    _server: Server,
}

enum Server {
    Embedded { _api: EmbeddedDynamodb },
    Process { _child: Child },
}

impl DynamodbApi {
    /// Starts it in this process, in memory.
    pub fn embedded() -> Self {
        let api = EmbeddedDynamodb::start(0, None).unwrap();
        Self { url: api.url(), _server: Server::Embedded { _api: api } }
    }

    /// Starts it as a process of its own, on a file in this folder.
    pub async fn process(data_dir: &Path) -> Self {
        let port = ports::free().unwrap();
        let child = Command::new(local::program("local"))
            .args(["dynamodb-api", "--port", &port.to_string(), "--data-dir"])
            .arg(data_dir)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("target/debug/local starts after `cargo build -p local`");
        eventually(READY_WITHIN, async || TcpStream::connect(("127.0.0.1", port)).await).await;
        Self { url: format!("http://127.0.0.1:{port}"), _server: Server::Process { _child: child } }
    }

    /// Its address.
    pub fn url(&self) -> &str {
        &self.url
    }
}
