//! cargo-lambda: the pinned version, and its Lambda Runtime API.

use std::{
    fs,
    path::{Path, PathBuf},
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

/// Returns the folder with the pinned cargo-lambda's program. If it is missing, pip installs it in the target folder.
pub fn ensure() -> Result<PathBuf> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let tools = workspace::target().join("tools");
    let home = tools.join(format!("cargo-lambda-{VERSION}"));
    if !home.join("bin/cargo-lambda").exists() {
        fs::create_dir_all(&tools).context("creating the tools folder")?;
        eprintln!("installing cargo-lambda {VERSION} with pip");
        let new = tools.join(format!("cargo-lambda-{VERSION}.{}", std::process::id()));
        // Its only dependency is zig, for cross builds.
        let pip = Blocking::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--disable-pip-version-check", "--target"])
            .arg(&new)
            .arg(format!("cargo-lambda=={VERSION}"))
            .status()
            .context("running python3 -m pip (Python 3 with pip is a prerequisite)")?;
        if !pip.success() {
            return Err(Error::new(format!(
                "pip could not install cargo-lambda {VERSION}: see its message above"
            )));
        }
        // Another process may have installed it at the same time.
        if fs::rename(&new, &home).is_err() {
            fs::remove_dir_all(&new).context("removing the second installation")?;
        }
    }
    Ok(home.join("bin"))
}

/// `cargo lambda watch` without functions of its own: the Lambda Runtime API, and an API that invokes functions.
pub struct LambdaApi {
    _process: Child,
    port: u16,
}

/// The number of lines of its log in an error.
const LOG_LINES: usize = 12;

impl LambdaApi {
    /// Starts it on a free loopback port for functions of these names, with its files in a folder.
    pub async fn start(functions: &[String], dir: &Path) -> Result<Self> {
        write_manifest(functions, dir)?;
        let port = ports::free()?;
        let log_path = dir.join("cargo-lambda.log");
        let log = fs::File::create(&log_path).context("creating a log file")?;
        let mut command = Command::new(ensure()?.join("cargo-lambda"));
        command
            .args(["lambda", "watch", "--only-lambda-apis", "-A", "127.0.0.1", "-P", &port.to_string()])
            .current_dir(dir)
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("creating a log file")?)
            .stderr(log)
            .kill_on_drop(true);
        let mut process = process::spawn(&mut command).context("starting cargo-lambda")?;
        await_port(&mut process, port, &log_path).await?;
        Ok(Self { _process: process, port })
    }

    /// The URL of both APIs.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// cargo-lambda serves only the binaries of a manifest.
fn write_manifest(functions: &[String], dir: &Path) -> Result<()> {
    let writing = "writing cargo-lambda's manifest";
    fs::create_dir_all(dir).context(writing)?;
    let head = "[package]\nname = \"functions\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n";
    let binaries = functions.iter().map(|name| format!("[[bin]]\nname = \"{name}\"\npath = \"none.rs\"\n"));
    fs::write(dir.join("Cargo.toml"), binaries.fold(head.to_owned(), |manifest, binary| manifest + &binary))
        .context(writing)
}

async fn await_port(process: &mut Child, port: u16, log: &Path) -> Result<()> {
    let until = Instant::now() + READY_WITHIN;
    while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        let ended = process.try_wait().context("starting cargo-lambda")?;
        if let Some(status) = ended {
            return Err(not_started(&format!("it ended ({status})"), log));
        }
        if Instant::now() > until {
            return Err(not_started(&format!("nothing listens on port {port}"), log));
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

fn not_started(fact: &str, log: &Path) -> Error {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(LOG_LINES)..).unwrap_or_default().join("\n");
    Error::new(format!("cargo-lambda did not start: {fact}; its log ({}) ends with:\n{last}", log.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_error_of_a_failed_start_names_the_cause() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        let mut command = Command::new("sh");
        command.args(["-c", "echo starting; echo 'error: the cause' >&2; exit 3"]);
        let file = fs::File::create(&log).unwrap();
        command.stdout(file.try_clone().unwrap()).stderr(file);
        let mut process = process::spawn(&mut command).unwrap();
        let error = await_port(&mut process, ports::free().unwrap(), &log).await.unwrap_err().to_string();
        assert!(error.contains("exit status: 3") && error.ends_with("starting\nerror: the cause"), "{error}");
        assert!(!error.contains("--api-port"), "{error}");
    }

    #[tokio::test]
    async fn it_serves_only_the_functions_of_its_manifest() {
        let dir = tempfile::tempdir().unwrap();
        let api = LambdaApi::start(&["one".to_owned()], dir.path()).await.unwrap();
        let invoke = |name: &str| {
            let url = format!("{}/2015-03-31/functions/{name}/invocations", api.url());
            reqwest::Client::new().post(url).body("{}").timeout(Duration::from_millis(300)).send()
        };
        assert_eq!(invoke("two").await.unwrap().status(), 404);
        // No process runs this function, so its invocation waits.
        assert!(invoke("one").await.unwrap_err().is_timeout());
    }
}
