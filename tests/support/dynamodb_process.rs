//! The DynamoDB API as a process of its own, on a file.

use std::{path::Path, process::Stdio, time::Duration};

use local::ports;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
    time::{Instant, sleep},
};

const READY_WITHIN: Duration = Duration::from_secs(10);

pub(crate) struct DynamodbProcess {
    port: u16,
    _process: Child,
}

impl DynamodbProcess {
    pub(crate) async fn start(data_dir: &Path) -> Self {
        let port = ports::free().unwrap();
        let process = Command::new(local::program())
            .args(["dynamodb-api", "--port", &port.to_string(), "--data-dir"])
            .arg(data_dir)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("target/debug/local starts: cargo build -p local");
        let until = Instant::now() + READY_WITHIN;
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            assert!(Instant::now() < until, "the DynamoDB API did not start");
            sleep(Duration::from_millis(10)).await;
        }
        Self { port, _process: process }
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address())
    }
}
