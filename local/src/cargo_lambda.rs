//! cargo-lambda: the pinned version, and its Lambda Runtime API and routes.

use std::{
    fs,
    path::PathBuf,
    process::{Command as Blocking, Stdio},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    net::TcpStream,
    process::{Child, Command},
    time::{Instant, sleep},
};

use crate::{
    error::{Context, Error, Result},
    ports, process, workspace,
};

const VERSION: &str = "1.9.2";

const READY_WITHIN: Duration = Duration::from_secs(15);

/// The pinned cargo-lambda's folder of programs, fetched into the target folder when it is missing.
pub fn ensure() -> Result<PathBuf> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let tools = workspace::target().join("tools");
    let home = tools.join(format!("cargo-lambda-{VERSION}"));
    if !home.join("bin/cargo-lambda").exists() {
        fs::create_dir_all(&tools).context("creating the tools folder")?;
        eprintln!("getting cargo-lambda {VERSION} with pip");
        let new = tools.join(format!("cargo-lambda-{VERSION}.{}", std::process::id()));
        // Its one dependency is zig, for cross builds.
        let pip = Blocking::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check", "--target"])
            .arg(&new)
            .arg(format!("cargo-lambda=={VERSION}"))
            .status()
            .context("running python3 -m pip (Python 3 with pip is a prerequisite)")?;
        if !pip.success() {
            return Err(Error::new(format!(
                "pip could not get cargo-lambda {VERSION}: see its message above"
            )));
        }
        // Another process may have been quicker.
        if fs::rename(&new, &home).is_err() {
            fs::remove_dir_all(&new).context("tidying up after pip")?;
        }
    }
    Ok(home.join("bin"))
}

/// `cargo lambda watch` without its own functions: the Lambda Runtime API and the HTTP routes.
pub struct LambdaApi {
    _process: Child,
    port: u16,
}

impl LambdaApi {
    /// Starts it on a loopback port, 0 for a free one, with its output in `log`.
    pub async fn start(port: u16, log: &std::path::Path) -> Result<Self> {
        // It ends silently when its port is taken.
        ports::check(port, "--api-port")?;
        let port = if port == 0 { ports::free()? } else { port };
        let log = fs::File::create(log).context("creating a log file")?;
        let mut command = Command::new(ensure()?.join("cargo-lambda"));
        command
            .args(["lambda", "watch", "--only-lambda-apis", "-A", "127.0.0.1", "-P", &port.to_string()])
            .current_dir(workspace::root())
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("creating a log file")?)
            .stderr(log)
            .kill_on_drop(true);
        let mut process = process::spawn(&mut command).context("starting cargo-lambda")?;
        let until = Instant::now() + READY_WITHIN;
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            if Instant::now() > until || process.try_wait().context("starting cargo-lambda")?.is_some() {
                return Err(Error::new(format!(
                    "cargo-lambda did not start on port {port}: choose another one with --api-port"
                )));
            }
            sleep(Duration::from_millis(20)).await;
        }
        Ok(Self { _process: process, port })
    }

    /// Where callers post.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
